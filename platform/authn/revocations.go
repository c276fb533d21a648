package authn

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/fiapx/fiapx/platform/cache"
)

// CacheRevocations keeps revocations in the cache, each until the last token it concerns has expired anyway. Every
// process that verifies tokens must use the same cache. It is safe for concurrent use.
type CacheRevocations struct {
	cache cache.Cache
}

var _ Revocations = (*CacheRevocations)(nil)

// NewRevocations returns the revocations kept in c.
func NewRevocations(c cache.Cache) *CacheRevocations { return &CacheRevocations{cache: c} }

const keyPrefix = "authn:revoked:"

func tokenKey(id string) string   { return keyPrefix + "token:" + id }
func sessionKey(id string) string { return keyPrefix + "session:" + id }
func userKey(id string) string    { return keyPrefix + "user:" + id }

// errNoID guards against revoking nobody in particular, which would read as success.
var errNoID = errors.New("nothing to revoke: the id is empty")

// RevokeToken ends one access token; ttl is what is left of its life.
func (r *CacheRevocations) RevokeToken(ctx context.Context, jti string, ttl time.Duration) error {
	return r.revoke(ctx, jti, tokenKey(jti), "1", ttl)
}

// RevokeSession ends all access tokens of a session; ttl is the longest life of one.
func (r *CacheRevocations) RevokeSession(ctx context.Context, sessionID string, ttl time.Duration) error {
	return r.revoke(ctx, sessionID, sessionKey(sessionID), "1", ttl)
}

// RevokeUserBefore ends all access tokens of a user that were issued before t; ttl is the longest life of one. Tokens carry
// whole seconds, so one that was issued later within the same second ends too: better a sign-in too many than too few.
func (r *CacheRevocations) RevokeUserBefore(ctx context.Context, userID string, t time.Time, ttl time.Duration) error {
	return r.revoke(ctx, userID, userKey(userID), strconv.FormatInt(t.UnixNano(), 10), ttl)
}

func (r *CacheRevocations) revoke(ctx context.Context, id, key, value string, ttl time.Duration) error {
	if id == "" {
		return errNoID
	}
	if err := r.cache.Set(ctx, key, []byte(value), ttl); err != nil {
		return fmt.Errorf("store revocation: %w", err)
	}
	return nil
}

// IsRevoked implements Revocations.
func (r *CacheRevocations) IsRevoked(ctx context.Context, p Principal, issuedAt time.Time) (bool, error) {
	keys := []string{tokenKey(p.TokenID)}
	if p.SessionID != "" {
		keys = append(keys, sessionKey(p.SessionID))
	}
	for _, key := range keys {
		if _, found, err := r.cache.Get(ctx, key); err != nil || found {
			return found, wrapRead(err)
		}
	}
	value, found, err := r.cache.Get(ctx, userKey(p.UserID))
	if err != nil || !found {
		return false, wrapRead(err)
	}
	before, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return false, fmt.Errorf("read revocation of a user: %w", err)
	}
	return issuedAt.UnixNano() < before, nil
}

func wrapRead(err error) error {
	if err != nil {
		return fmt.Errorf("read revocation: %w", err)
	}
	return nil
}
