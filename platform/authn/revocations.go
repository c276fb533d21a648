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

func tokenKey(id string) string   { return "rev:jti:" + id }
func sessionKey(id string) string { return "rev:sid:" + id }
func userKey(id string) string    { return "rev:user:" + id }

// clockMargin keeps a revocation a little longer than asked: a verifier whose clock is behind takes the token for valid
// after its issuer thinks it has expired.
const clockMargin = time.Minute

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
//
// A t before one that is stored already changes nothing but the time that it is kept.
func (r *CacheRevocations) RevokeUserBefore(ctx context.Context, userID string, t time.Time, ttl time.Duration) error {
	stored, err := r.userBefore(ctx, userID)
	if err != nil {
		return err
	}
	if stored.After(t) {
		t = stored
	}
	return r.revoke(ctx, userID, userKey(userID), strconv.FormatInt(t.UnixNano(), 10), ttl)
}

func (r *CacheRevocations) revoke(ctx context.Context, id, key, value string, ttl time.Duration) error {
	if id == "" {
		return errNoID
	}
	if ttl <= 0 { // whatever it was has expired
		return nil
	}
	if err := r.cache.Set(ctx, key, []byte(value), ttl+clockMargin); err != nil {
		return fmt.Errorf("store revocation: %w", err)
	}
	return nil
}

// IsRevoked implements Revocations.
func (r *CacheRevocations) IsRevoked(ctx context.Context, p Principal, issuedAt time.Time) (bool, error) {
	for _, key := range []string{sessionKey(p.SessionID), tokenKey(p.TokenID)} {
		if _, found, err := r.cache.Get(ctx, key); err != nil || found {
			return found, wrapRead(err)
		}
	}
	before, err := r.userBefore(ctx, p.UserID)
	return issuedAt.Before(before), err
}

// userBefore is the zero time when no tokens of the user were revoked.
func (r *CacheRevocations) userBefore(ctx context.Context, userID string) (time.Time, error) {
	value, found, err := r.cache.Get(ctx, userKey(userID))
	if err != nil || !found {
		return time.Time{}, wrapRead(err)
	}
	before, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read revocation of a user: %w", err)
	}
	return time.Unix(0, before), nil
}

func wrapRead(err error) error {
	if err != nil {
		return fmt.Errorf("read revocation: %w", err)
	}
	return nil
}
