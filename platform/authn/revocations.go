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
	cache  cache.Cache
	strict bool
}

var _ Revocations = (*CacheRevocations)(nil)

// NewRevocations returns the revocations kept in c.
func NewRevocations(c cache.Cache) *CacheRevocations { return &CacheRevocations{cache: c} }

// Strict returns revocations that do not answer while the cache lacks the mark of MarkComplete: a cache that was emptied, or
// that no issuer has filled, must not read as "nothing is revoked".
func (r *CacheRevocations) Strict() *CacheRevocations {
	return &CacheRevocations{cache: r.cache, strict: true}
}

func tokenKey(id string) string   { return "rev:jti:" + id }
func sessionKey(id string) string { return "rev:sid:" + id }
func userKey(id string) string    { return "rev:user:" + id }

const completeKey = "rev:complete"

// completeFor is as good as for ever; the cache insists on an end.
const completeFor = 365 * 24 * time.Hour

var errIncomplete = errors.New("the cache has not been told all revocations yet")

// clockMargin keeps a revocation a little longer than asked: a verifier whose clock is behind takes the token for valid
// after its issuer thinks it has expired.
const clockMargin = time.Minute

// errNoID guards against revoking nobody in particular, which would read as success.
var errNoID = errors.New("nothing to revoke: the id is empty")

// RevokeToken ends one access token; ttl is what is left of its life.
func (r *CacheRevocations) RevokeToken(ctx context.Context, jti string, ttl time.Duration) error {
	return r.sign(ctx, jti, tokenKey(jti), ttl)
}

// RevokeSession ends all access tokens of a session; ttl is the longest life of one.
func (r *CacheRevocations) RevokeSession(ctx context.Context, sessionID string, ttl time.Duration) error {
	return r.sign(ctx, sessionID, sessionKey(sessionID), ttl)
}

// RevokeUserBefore ends all access tokens of a user that were issued before t; ttl is the longest life of one. Tokens carry
// whole seconds, so one that was issued later within the same second ends too: better a sign-in too many than too few.
//
// Of several calls, also at the same time, the latest t counts.
func (r *CacheRevocations) RevokeUserBefore(ctx context.Context, userID string, t time.Time, ttl time.Duration) error {
	return revoke(userID, ttl, func(ttl time.Duration) error {
		return r.cache.Raise(ctx, userKey(userID), t.UnixMicro(), ttl)
	})
}

func (r *CacheRevocations) sign(ctx context.Context, id, key string, ttl time.Duration) error {
	return revoke(id, ttl, func(ttl time.Duration) error { return r.cache.Set(ctx, key, []byte("1"), ttl) })
}

func revoke(id string, ttl time.Duration, store func(ttl time.Duration) error) error {
	if id == "" {
		return errNoID
	}
	if ttl <= 0 { // whatever it was has expired
		return nil
	}
	if err := store(ttl + clockMargin); err != nil {
		return fmt.Errorf("store revocation: %w", err)
	}
	return nil
}

// IsRevoked implements Revocations with one question to the cache.
func (r *CacheRevocations) IsRevoked(ctx context.Context, p Principal, issuedAt time.Time) (bool, error) {
	values, err := r.cache.GetMany(ctx, sessionKey(p.SessionID), tokenKey(p.TokenID), userKey(p.UserID), completeKey)
	if err != nil {
		return false, fmt.Errorf("read revocations: %w", err)
	}
	if values[0] != nil || values[1] != nil {
		return true, nil
	}
	if r.strict && values[3] == nil {
		return false, errIncomplete
	}
	if values[2] == nil {
		return false, nil
	}
	before, err := strconv.ParseInt(string(values[2]), 10, 64)
	if err != nil {
		return false, fmt.Errorf("read revocation of a user: %w", err)
	}
	return issuedAt.Before(time.UnixMicro(before)), nil
}

// MarkComplete says that the cache knows every revocation that still matters. The issuer says so after it has told them all.
func (r *CacheRevocations) MarkComplete(ctx context.Context) error {
	if err := r.cache.Set(ctx, completeKey, []byte("1"), completeFor); err != nil {
		return fmt.Errorf("mark revocations: %w", err)
	}
	return nil
}

// Complete says whether the mark is still there; it goes when the cache loses its memory.
func (r *CacheRevocations) Complete(ctx context.Context) (bool, error) {
	_, ok, err := r.cache.Get(ctx, completeKey)
	if err != nil {
		return false, fmt.Errorf("read revocations: %w", err)
	}
	return ok, nil
}
