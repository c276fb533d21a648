package authn_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/authn/authntest"
	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/fault"
)

func newIssuer(t *testing.T) authntest.Issuer {
	t.Helper()
	return authntest.NewIssuer(t, jwa.EdDSA, "one")
}

// office is an Exchanger that counts what it is asked. It is not safe to change while it is asked.
type office struct {
	asked  atomic.Int64
	answer func(key string) (string, error)
	life   time.Duration
	slow   time.Duration
}

func (o *office) Exchange(ctx context.Context, key string) (string, time.Duration, error) {
	o.asked.Add(1)
	select {
	case <-time.After(o.slow):
	case <-ctx.Done():
	}
	token, err := o.answer(key)
	return token, o.life, err
}

// desk is a verifier with an office behind it, in a synctest bubble.
type desk struct {
	*office
	*authn.Verifier
	issuer  authntest.Issuer
	revoked *authn.CacheRevocations
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{issuer: newIssuer(t), revoked: authn.NewRevocations(memory.New(time.Now))}
	d.office = &office{life: 5 * time.Minute, answer: func(string) (string, error) { return d.token("sid"), nil }}
	set := jwk.NewSet()
	must(t, set.AddKey(d.issuer.Public))
	d.Verifier = authn.NewVerifier(set, d.revoked, authn.Config{Issuer: "us", Audience: "api"}, time.Now).WithKeys(d.office)
	return d
}

func (d *desk) token(session string) string {
	fields := authntest.Body(time.Now()).But("sid", session).But("exp", time.Now().Add(d.life).Unix())
	return d.issuer.Token(d.issuer.Header(), fields)
}

func (d *desk) expect(t *testing.T, what string, want error, asked int64) {
	t.Helper()
	p, err := d.Authenticate(t.Context(), "fiapx_key")
	if !errors.Is(err, want) || err == nil && p.UserID == "" {
		t.Errorf("%s: %+v, %v; want %v", what, p, err, want)
	}
	if n := d.asked.Load(); n != asked {
		t.Errorf("%s: asked %d times, want %d", what, n, asked)
	}
}

func TestKeyIsExchangedOnceForManyRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.slow = 2 * time.Second
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := d.Authenticate(t.Context(), "fiapx_key"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		d.expect(t, "after fifty at once", nil, 1)
		<-time.After(4 * time.Minute) // virtual
		d.expect(t, "while the token lives", nil, 1)
		<-time.After(time.Minute) // virtual
		d.expect(t, "after its life", nil, 2)
	})
}

func TestRevokedKeyIsRefusedAlthoughItsTokenIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.expect(t, "at first", nil, 1)
		must(t, d.revoked.RevokeSession(t.Context(), "sid", d.life))
		d.answer = func(string) (string, error) { return "", authn.ErrKey }
		d.expect(t, "at once after the revocation", authn.ErrKey, 2)
		d.expect(t, "again", authn.ErrKey, 2)
		<-time.After(6 * time.Second) // virtual
		d.expect(t, "later", authn.ErrKey, 3)
	})
}

func TestKeyOutlivesItsSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.expect(t, "at first", nil, 1)
		must(t, d.revoked.RevokeSession(t.Context(), "sid", d.life)) // as a logout everywhere does
		d.answer = func(string) (string, error) { return d.token("another"), nil }
		d.expect(t, "with another session", nil, 2)
		d.expect(t, "again", nil, 2)
	})
}

func TestFailuresOfTheExchangeAreNotRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		good := d.answer
		d.answer = func(string) (string, error) { return "", authn.ErrUnavailable }
		d.expect(t, "while it is down", authn.ErrUnavailable, 1)
		d.answer = good
		d.expect(t, "when it is back", nil, 2)
		d.answer = func(string) (string, error) { return "not a token of anybody", nil }
		if _, err := d.Authenticate(t.Context(), "fiapx_other"); !errors.Is(err, authn.ErrInvalid) {
			t.Errorf("a token that does not verify: %v", err)
		}
	})
}

func TestVerifierWithoutKeysRefusesThem(t *testing.T) {
	t.Parallel()
	issuer := newIssuer(t)
	v := verifierOf(t, noon, issuer.Public)
	if _, err := v.Authenticate(t.Context(), "fiapx_key"); !errors.Is(err, authn.ErrInvalid) {
		t.Errorf("a key: %v", err)
	}
	if _, err := v.Authenticate(t.Context(), issuer.Token(issuer.Header(), body())); err != nil {
		t.Errorf("a token: %v", err)
	}
}

func TestCredential(t *testing.T) {
	t.Parallel()
	const jwt = "a.b.c"
	tests := map[string]struct {
		authorization, key []string
		want               string
		err                error
	}{
		"bearer":           {[]string{"Bearer " + jwt}, nil, jwt, nil},
		"key as bearer":    {[]string{"Bearer fiapx_a"}, nil, "fiapx_a", nil},
		"key in header":    {nil, []string{"fiapx_a"}, "fiapx_a", nil},
		"empty header":     {[]string{"Bearer " + jwt}, []string{""}, jwt, nil},
		"nothing":          {nil, nil, "", authn.ErrMissing},
		"empty both":       {[]string{""}, []string{""}, "", authn.ErrMissing},
		"both":             {[]string{"Bearer " + jwt}, []string{"fiapx_a"}, "", authn.ErrInvalid},
		"bad and key":      {[]string{"Basic x"}, []string{"fiapx_a"}, "", authn.ErrInvalid},
		"two keys":         {nil, []string{"fiapx_a", "fiapx_a"}, "", authn.ErrInvalid},
		"token as key":     {nil, []string{jwt}, "", authn.ErrInvalid},
		"key with a space": {nil, []string{"fiapx_a b"}, "", authn.ErrInvalid},
	}
	for name, tt := range tests {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header["Authorization"], r.Header[http.CanonicalHeaderKey(authn.KeyHeader)] = tt.authorization, tt.key
		if got, err := authn.Credential(r); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %q, %v; want %q, %v", name, got, err, tt.want, tt.err)
		}
	}
}

func TestRemoteExchange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   error
	}{
		"good":         {200, `{"data":{"access_token":"a.b.c","expires_in":300}}`, nil},
		"refused":      {401, `{}`, authn.ErrKey},
		"forbidden":    {403, `{}`, authn.ErrKey},
		"too often":    {429, `{}`, fault.New(fault.RateLimited, "auth.too_many_attempts", "")},
		"broken":       {500, `{}`, authn.ErrUnavailable},
		"a redirect":   {307, ``, authn.ErrUnavailable},
		"no token":     {200, `{"data":{"expires_in":300}}`, authn.ErrUnavailable},
		"no life":      {200, `{"data":{"access_token":"a.b.c"}}`, authn.ErrUnavailable},
		"another page": {200, `<html>`, authn.ErrUnavailable},
	}
	for name, tt := range tests {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || r.URL.Path != "/base/auth/token" || r.Header.Get("Authorization") != "Bearer fiapx_a" {
				t.Errorf("asked %s %s with %v", r.Method, r.URL, r.Header)
			}
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		}))
		t.Cleanup(server.Close)
		e, err := authn.NewRemoteExchange(server.URL+"/base/.well-known/jwks.json", server.Client())
		must(t, err)
		token, life, err := e.Exchange(t.Context(), "fiapx_a")
		if !errors.Is(err, tt.want) || err == nil && (token != "a.b.c" || life != 5*time.Minute) {
			t.Errorf("%s: %q, %s, %v; want %v", name, token, life, err, tt.want)
		}
		if f := fault.From(err); f != nil && f.Kind == fault.RateLimited && f.RetryAfter != 7*time.Second {
			t.Errorf("%s: retry after %s", name, f.RetryAfter)
		}
	}
	if _, err := authn.NewRemoteExchange("nowhere", &http.Client{}); err == nil {
		t.Error("an address without a host is accepted")
	}
}
