package authn_test

import (
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/authn/authntest"
	"github.com/fiapx/fiapx/platform/cache/memory"
)

// BenchmarkVerify is one access token checked offline, the question about revocations included; tools/bench-auth reads it.
func BenchmarkVerify(b *testing.B) {
	for _, alg := range []jwa.SignatureAlgorithm{jwa.EdDSA, jwa.ES256} {
		b.Run(alg.String(), func(b *testing.B) {
			i, set := authntest.NewIssuer(b, alg, "k1"), jwk.NewSet()
			if err := set.AddKey(i.Public); err != nil {
				b.Fatal(err)
			}
			now := func() time.Time { return noon }
			cache := authn.NewRevocations(memory.New(now))
			if err := cache.MarkComplete(b.Context()); err != nil {
				b.Fatal(err)
			}
			v := authn.NewVerifier(set, authn.NewRecall(cache.Strict(), nil, now), authn.Config{Issuer: "us", Audience: "api"}, now)
			token := i.Token(i.Header(), body())
			for b.Loop() {
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
