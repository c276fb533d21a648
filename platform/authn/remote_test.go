package authn_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/authn/authntest"
	"github.com/fiapx/fiapx/platform/fault"
)

// publisher answers in place of the issuer's server.
type publisher struct {
	mu      sync.Mutex
	body    string
	status  int
	err     error
	block   chan struct{} // answers wait for it, or for the end of the request
	fetches int
}

func (p *publisher) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.fetches++
	status, body, err, block := p.status, p.body, p.err, p.block
	p.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if err != nil {
		return nil, err
	}
	header := http.Header{"Location": {"http://elsewhere/keys"}}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (p *publisher) say(status int, body string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.body, p.err = status, body, err
}

func (p *publisher) publish(t *testing.T, keys ...jwk.Key) {
	t.Helper()
	set := jwk.NewSet()
	for _, key := range keys {
		must(t, set.AddKey(key))
	}
	data, err := json.Marshal(set)
	must(t, err)
	p.say(http.StatusOK, string(data), nil)
}

func (p *publisher) fetched(t *testing.T, want int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fetches != want {
		t.Errorf("the issuer was asked %d times, want %d", p.fetches, want)
	}
}

func remote(t *testing.T, p *publisher) *authn.RemoteKeys {
	t.Helper()
	k, err := authn.NewRemoteKeys("http://auth/keys", &http.Client{Transport: p}, slog.New(slog.DiscardHandler))
	must(t, err)
	return k
}

func expectKey(t *testing.T, k *authn.RemoteKeys, kid, code string) {
	t.Helper()
	key, err := k.Find(t.Context(), kid)
	switch {
	case code == "" && (err != nil || key.KeyID() != kid):
		t.Errorf("key %s: %v", kid, err)
	case code != "" && (err == nil || fault.From(err).Code != code):
		t.Errorf("key %s: %v, want %s", kid, err, code)
	}
}

func TestRemoteKeysAreFetchedOnceAndVerify(t *testing.T) {
	t.Parallel()
	i, p := authntest.NewIssuer(t, jwa.EdDSA, "k1"), &publisher{}
	p.publish(t, i.Public)
	k := remote(t, p)
	p.fetched(t, 0)
	v := authn.NewVerifier(k, quiet{}, authn.Config{Issuer: "us", Audience: "api"}, func() time.Time { return noon })
	for range 3 {
		if who, err := v.Verify(t.Context(), i.Token(i.Header(), body())); err != nil || who.UserID != "user" {
			t.Fatalf("verified %+v, %v", who, err)
		}
	}
	p.fetched(t, 1)
}

func TestUnknownKeyIDsCostOneFetchInTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := authntest.NewIssuer(t, jwa.EdDSA, "k1"), authntest.NewIssuer(t, jwa.ES256, "k2")
		p := &publisher{}
		p.publish(t, one.Public)
		k := remote(t, p)
		expectKey(t, k, "k1", "")
		p.publish(t, one.Public, two.Public)
		for range 20 {
			expectKey(t, k, "made-up", "auth.token_invalid")
		}
		p.fetched(t, 1)
		time.Sleep(10 * time.Second)
		expectKey(t, k, "k2", "")
		p.fetched(t, 2)
	})
}

func TestIssuerAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, p := authntest.NewIssuer(t, jwa.EdDSA, "k1"), &publisher{err: errors.New("connection refused")}
		k := remote(t, p)
		expectKey(t, k, "k1", "auth.unavailable")
		if err := k.Ready(t.Context()); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("ready without keys: %v", err)
		}
		p.fetched(t, 1) // at most one a second
		p.publish(t, i.Public)
		time.Sleep(time.Second)
		if err := k.Ready(t.Context()); err != nil {
			t.Errorf("not ready with keys: %v", err)
		}
		expectKey(t, k, "k1", "")
		p.say(http.StatusBadGateway, "", nil)
		time.Sleep(time.Hour)
		expectKey(t, k, "k1", "") // kept
		expectKey(t, k, "k2", "auth.unavailable")
		expectKey(t, k, "k1", "")
	})
}

func TestBadKeySets(t *testing.T) {
	t.Parallel()
	good := authntest.NewIssuer(t, jwa.EdDSA, "k1")
	private, err := json.Marshal(good.Private)
	must(t, err)
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"not JSON":    {http.StatusOK, "<html>"},
		"no keys":     {http.StatusOK, `{"keys":[]}`},
		"symmetric":   {http.StatusOK, `{"keys":[{"kty":"oct","kid":"k1","alg":"HS256","k":"c2VjcmV0"}]}`},
		"private":     {http.StatusOK, `{"keys":[` + string(private) + `]}`},
		"enormous":    {http.StatusOK, strings.Repeat(" ", 65<<10) + `{"keys":[]}`},
		"not found":   {http.StatusNotFound, `{"keys":[]}`},
		"a redirect":  {http.StatusFound, ""},
		"no kid":      {http.StatusOK, `{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`},
		"no alg":      {http.StatusOK, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`},
		"kid of path": {http.StatusOK, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"../k1","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &publisher{status: answer.status, body: answer.body}
			expectKey(t, remote(t, p), "k1", "auth.unavailable")
			p.fetched(t, 1)
		})
	}
}

func TestServiceKeepsKeysCurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := authntest.NewIssuer(t, jwa.EdDSA, "k1"), authntest.NewIssuer(t, jwa.EdDSA, "k2")
		p := &publisher{err: errors.New("connection refused")}
		k := remote(t, p)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- k.Service().Run(ctx) }()
		synctest.Wait()
		p.fetched(t, 1)
		p.publish(t, one.Public)
		time.Sleep(11 * time.Second)
		expectKnown(t, k, "k1", true)
		p.publish(t, two.Public)
		time.Sleep(5*time.Minute - 2*time.Second)
		expectKnown(t, k, "k2", false)
		time.Sleep(2 * time.Second)
		expectKnown(t, k, "k2", true)
		expectKnown(t, k, "k1", false)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stopped with %v", err)
		}
		p.fetched(t, 3)
	})
}

func expectKnown(t *testing.T, k *authn.RemoteKeys, kid string, want bool) {
	t.Helper()
	if _, ok := k.LookupKeyID(kid); ok != want {
		t.Errorf("key %s known: %t, want %t", kid, ok, want)
	}
}

// A slow issuer must not hold up the tokens of keys that are known.
func TestSlowIssuerHoldsUpOnlyUnknownKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, p := authntest.NewIssuer(t, jwa.EdDSA, "k1"), &publisher{}
		p.publish(t, i.Public)
		k := remote(t, p)
		expectKey(t, k, "k1", "")
		p.mu.Lock()
		p.block = make(chan struct{})
		p.mu.Unlock()
		time.Sleep(10 * time.Second)
		began := time.Now()
		asked := make(chan error, 1)
		go func() { _, err := k.Find(t.Context(), "k2"); asked <- err }()
		synctest.Wait()
		expectKey(t, k, "k1", "")
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a known key took %s", waited)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.Find(impatient, "k3"); fault.KindOf(err) != fault.Unavailable || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if err := <-asked; fault.KindOf(err) != fault.Unavailable || time.Since(began) != 5*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		p.fetched(t, 2)
	})
}

// Everybody waits for the same fetch, so it goes on when the client who caused it hangs up.
func TestFetchOutlivesItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, p := authntest.NewIssuer(t, jwa.EdDSA, "k1"), &publisher{block: make(chan struct{})}
		p.publish(t, i.Public)
		k := remote(t, p)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { _, err := k.Find(ctx, "k1"); done <- err }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(p.block)
		if err := <-done; err != nil {
			t.Errorf("Find = %v", err)
		}
		p.fetched(t, 1)
	})
}

func TestAddressOfKeysIsChecked(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "auth/keys", "file:///etc/passwd", "http://", "://x"} {
		if _, err := authn.NewRemoteKeys(address, &http.Client{}, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
}
