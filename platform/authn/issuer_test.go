package authn_test

import (
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/authn/authntest"
	"github.com/fiapx/fiapx/platform/cache/memory"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// body is what auth issues.
func body() authntest.Fields { return authntest.Body(noon) }

func verifierOf(t *testing.T, now time.Time, keys ...jwk.Key) *authn.Verifier {
	t.Helper()
	set := jwk.NewSet()
	for _, key := range keys {
		must(t, set.AddKey(key))
	}
	clock := func() time.Time { return now }
	return authn.NewVerifier(set, authn.NewRevocations(memory.New(clock)), authn.Config{Issuer: "us", Audience: "api"}, clock)
}
