package authn_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/authn/authntest"
	"github.com/fiapx/fiapx/platform/cache"
	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/fault"
)

const ttl = 15 * time.Minute

var principal = authn.Principal{UserID: "u", SessionID: "s", TokenID: "j"}

// revocations over a cache whose clock the test moves.
func revocations(now *time.Time) (*authn.CacheRevocations, *memory.Cache) {
	c := memory.New(func() time.Time { return *now })
	return authn.NewRevocations(c), c
}

func revoked(t *testing.T, r *authn.CacheRevocations, p authn.Principal, issuedAt time.Time) bool {
	t.Helper()
	is, err := r.IsRevoked(t.Context(), p, issuedAt)
	must(t, err)
	return is
}

func TestRevocations(t *testing.T) {
	t.Parallel()
	own := authn.Principal{UserID: "u", SessionID: "s", TokenID: "j"}
	for name, c := range map[string]struct {
		revoke func(context.Context, *authn.CacheRevocations) error
		key    string
		spared authn.Principal
	}{
		"token": {
			revoke: func(ctx context.Context, r *authn.CacheRevocations) error { return r.RevokeToken(ctx, "j", ttl) },
			key:    "rev:jti:j", spared: authn.Principal{UserID: "u", SessionID: "s", TokenID: "j2"},
		},
		"session": {
			revoke: func(ctx context.Context, r *authn.CacheRevocations) error { return r.RevokeSession(ctx, "s", ttl) },
			key:    "rev:sid:s", spared: authn.Principal{UserID: "u", SessionID: "s2", TokenID: "j"},
		},
		"user": {
			revoke: func(ctx context.Context, r *authn.CacheRevocations) error {
				return r.RevokeUserBefore(ctx, "u", noon.Add(time.Second), ttl)
			},
			key: "rev:user:u", spared: authn.Principal{UserID: "u2", SessionID: "s", TokenID: "j"},
		},
	} {
		now := noon
		r, kept := revocations(&now)
		if revoked(t, r, own, noon) {
			t.Errorf("%s: revoked before anybody did it", name)
		}
		must(t, c.revoke(t.Context(), r))
		if !revoked(t, r, own, noon) {
			t.Errorf("%s: not revoked", name)
		}
		if revoked(t, r, c.spared, noon) {
			t.Errorf("%s: another one is revoked too", name)
		}
		if _, ok, err := kept.Get(t.Context(), c.key); !ok || err != nil {
			t.Errorf("%s: nothing at %s (%v)", name, c.key, err)
		}
		now = noon.Add(ttl) // a verifier whose clock is behind still takes the token for valid
		if !revoked(t, r, own, noon) {
			t.Errorf("%s: forgotten at the very end of the token's life", name)
		}
		now = noon.Add(2 * ttl)
		if revoked(t, r, own, noon) {
			t.Errorf("%s: kept for ever", name)
		}
	}
}

func TestRevokeUserBefore(t *testing.T) {
	t.Parallel()
	now := noon
	r, _ := revocations(&now)
	p := authn.Principal{UserID: "u", SessionID: "s", TokenID: "j"}
	at := noon.Add(500 * time.Millisecond)
	must(t, r.RevokeUserBefore(t.Context(), "u", at, ttl))
	for issuedAt, want := range map[time.Time]bool{
		noon.Add(-time.Hour): true, noon: true, at.Add(-1): true, at: false, noon.Add(time.Second): false,
	} {
		if revoked(t, r, p, issuedAt) != want {
			t.Errorf("issued at %s: revoked is %v", issuedAt.Format(time.RFC3339Nano), !want)
		}
	}
	must(t, r.RevokeUserBefore(t.Context(), "u", noon.Add(-time.Minute), ttl))
	if !revoked(t, r, p, noon) {
		t.Error("an earlier time undid a later one")
	}
}

func TestRevokingNothing(t *testing.T) {
	t.Parallel()
	now := noon
	r, kept := revocations(&now)
	must(t, r.RevokeToken(t.Context(), "j", 0))
	must(t, r.RevokeToken(t.Context(), "j", -time.Hour))
	if kept.Len() != 0 {
		t.Error("what has expired takes room")
	}
	if r.RevokeToken(t.Context(), "", ttl) == nil || r.RevokeSession(t.Context(), "", ttl) == nil || r.RevokeUserBefore(t.Context(), "", noon, ttl) == nil {
		t.Error("an empty id passes for success")
	}
}

func TestRevokedTokenIsRefused(t *testing.T) {
	t.Parallel()
	now := noon
	r, _ := revocations(&now)
	i := authntest.NewIssuer(t, jwa.EdDSA, "k1")
	set := jwk.NewSet()
	must(t, set.AddKey(i.Public))
	v := authn.NewVerifier(set, r, authn.Config{Issuer: "us", Audience: "api"}, func() time.Time { return now })
	token := i.Token(i.Header(), body())
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	must(t, r.RevokeSession(t.Context(), "session", ttl))
	if _, err := v.Verify(t.Context(), token); fault.From(err).Code != "auth.token_revoked" || fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("Verify = %v", err)
	}
}

// down is a cache that does not answer.
type down struct{ cache.Cache }

func (down) GetMany(context.Context, ...string) ([][]byte, error) { return nil, cache.ErrUnavailable }

func (down) Get(context.Context, string) ([]byte, bool, error) {
	return nil, false, cache.ErrUnavailable
}

func (down) Set(context.Context, string, []byte, time.Duration) error { return cache.ErrUnavailable }

func (down) Raise(context.Context, string, int64, time.Duration) error { return cache.ErrUnavailable }

// The lookup fails closed, and so does a value that makes no sense.
func TestCacheThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	now := noon
	_, kept := revocations(&now)
	r := authn.NewRevocations(down{kept})
	_, errRead := r.IsRevoked(t.Context(), principal, noon)
	_, errComplete := r.Complete(t.Context())
	for call, err := range map[string]error{
		"IsRevoked": errRead, "Complete": errComplete, "MarkComplete": r.MarkComplete(t.Context()),
		"RevokeToken":      r.RevokeToken(t.Context(), "x", ttl),
		"RevokeUserBefore": r.RevokeUserBefore(t.Context(), "x", noon, ttl),
	} {
		if !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("%s = %v", call, err)
		}
	}
	must(t, kept.Set(t.Context(), "rev:user:u", []byte("?"), ttl))
	if _, err := authn.NewRevocations(kept).IsRevoked(t.Context(), principal, noon); err == nil {
		t.Error("a damaged value passes for not revoked")
	}
}

// counting counts the questions that a cache is asked.
type counting struct {
	cache.Cache
	asked int
}

func (c *counting) GetMany(ctx context.Context, keys ...string) ([][]byte, error) {
	c.asked++
	return c.Cache.GetMany(ctx, keys...)
}

func (c *counting) Get(ctx context.Context, key string) ([]byte, bool, error) {
	c.asked++
	return c.Cache.Get(ctx, key)
}

func TestOneQuestionACheck(t *testing.T) {
	t.Parallel()
	c := &counting{Cache: memory.New(func() time.Time { return noon })}
	if revoked(t, authn.NewRevocations(c), principal, noon) || c.asked != 1 {
		t.Errorf("%d questions; want one", c.asked)
	}
}

func TestRevokeUserBeforeIsAtomic(t *testing.T) {
	t.Parallel()
	now := noon
	r, _ := revocations(&now)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() { must(t, r.RevokeUserBefore(t.Context(), "u", noon.Add(time.Duration(i)*time.Second), ttl)) })
	}
	wg.Wait()
	if !revoked(t, r, principal, noon.Add(62*time.Second)) || revoked(t, r, principal, noon.Add(63*time.Second)) {
		t.Error("of concurrent revocations the latest did not win")
	}
}

// A cache that lost its memory must not read as "nothing is revoked".
func TestEmptiedCacheIsNoAnswer(t *testing.T) {
	t.Parallel()
	now := noon
	plain, _ := revocations(&now)
	r := plain.Strict()
	if _, err := r.IsRevoked(t.Context(), principal, noon); err == nil {
		t.Error("an empty cache answers")
	}
	must(t, plain.RevokeSession(t.Context(), "s", ttl))
	if !revoked(t, r, principal, noon) {
		t.Error("what is known to be revoked is certain, however little else is known")
	}
	must(t, r.MarkComplete(t.Context()))
	if complete, err := r.Complete(t.Context()); !complete || err != nil {
		t.Errorf("complete: %v, %v", complete, err)
	}
	if revoked(t, r, authn.Principal{UserID: "u", SessionID: "s2", TokenID: "j2"}, noon) {
		t.Error("another session is revoked")
	}
}
