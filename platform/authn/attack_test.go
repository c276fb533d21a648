package authn_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/authn/authntest"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestGoodToken(t *testing.T) {
	t.Parallel()
	want := authn.Principal{UserID: "user", Email: "ana@example.com", Username: "ana", Roles: []string{"user"}, SessionID: "session", TokenID: "id"}
	for _, alg := range []jwa.SignatureAlgorithm{jwa.EdDSA, jwa.ES256} {
		i := authntest.NewIssuer(t, alg, "k1")
		other := authntest.NewIssuer(t, jwa.EdDSA, "k0")
		v := verifierOf(t, noon, other.Public, i.Public)
		for name, b := range map[string]authntest.Fields{
			"as issued":      body(),
			"audience list":  body().But("aud", []string{"other", "api"}),
			"nbf now":        body().But("nbf", noon.Unix()),
			"ahead by 29s":   body().But("iat", noon.Add(29*time.Second).Unix()),
			"unknown claims": body().But("nonce", authntest.Fields{"a": 1}),
		} {
			got, err := v.Verify(t.Context(), i.Token(i.Header(), b))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s, %s: %v %s", alg, name, err, diff)
			}
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	i := authntest.NewIssuer(t, jwa.EdDSA, "k1")
	token := i.Token(i.Header(), body())
	end := noon.Add(15 * time.Minute)
	if _, err := verifierOf(t, end.Add(-time.Nanosecond), i.Public).Verify(t.Context(), token); err != nil {
		t.Errorf("the moment before: %v", err)
	}
	_, err := verifierOf(t, end, i.Public).Verify(t.Context(), token)
	if fault.From(err).Code != "auth.token_expired" {
		t.Errorf("at the end: %v", err)
	}
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	us, ec := authntest.NewIssuer(t, jwa.EdDSA, "k1"), authntest.NewIssuer(t, jwa.ES256, "ec")
	v := verifierOf(t, noon, us.Public, ec.Public)
	if _, err := v.Verify(t.Context(), us.Token(us.Header(), body())); err != nil {
		t.Fatalf("the token that the attacks are made from is refused: %v", err)
	}
	attacks := authntest.Attacks(authntest.Target{Issuer: us, Other: ec, Body: body(), Now: noon})
	for _, a := range attacks {
		_, err := v.Verify(t.Context(), a.Token)
		f := fault.From(err)
		if f == nil || f.Kind != fault.Unauthenticated || f.Code != a.Code {
			t.Errorf("%s (%s): %v; want %s", a.Name, a.Source, err, a.Code)
		}
		if f != nil && f.Code == "auth.token_invalid" && f.Message != authn.ErrInvalid.Message {
			t.Errorf("%s: the sentence tells which check failed: %s", a.Name, f.Message)
		}
	}
	t.Logf("%d attacks refused", len(attacks))
}

func hmacToken(t *testing.T, header authntest.Fields, secret []byte) string {
	t.Helper()
	signing := authntest.B64(header.But("alg", "HS256").JSON()) + "." + authntest.B64(body().JSON())
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signing))
	return signing + "." + authntest.B64(mac.Sum(nil))
}

// A set may hold keys that no access token may be signed with.
func TestKeysThatAreNotForTokens(t *testing.T) {
	t.Parallel()
	without := authntest.NewIssuer(t, jwa.EdDSA, "without")
	must(t, without.Public.Remove(jwk.AlgorithmKey))
	encrypts := authntest.NewIssuer(t, jwa.EdDSA, "encrypts")
	must(t, encrypts.Public.Set(jwk.KeyUsageKey, jwk.ForEncryption))
	confused := authntest.NewIssuer(t, jwa.EdDSA, "confused")
	must(t, confused.Public.Set(jwk.AlgorithmKey, jwa.ES256))
	shared, err := jwk.FromRaw([]byte("a shared secret of some length"))
	must(t, err)
	must(t, errors.Join(shared.Set(jwk.KeyIDKey, "shared"), shared.Set(jwk.AlgorithmKey, jwa.HS256)))
	v := verifierOf(t, noon, without.Public, encrypts.Public, confused.Public, shared)
	tokens := map[string]string{
		"without alg": without.Token(without.Header(), body()),
		"for ciphers": encrypts.Token(encrypts.Header(), body()),
		"wrong alg":   confused.Token(confused.Header(), body()),
		"shared":      hmacToken(t, authntest.Issuer{T: t, Private: shared}.Header(), []byte("a shared secret of some length")),
	}
	for name, token := range tokens {
		if _, err := v.Verify(t.Context(), token); fault.From(err).Code != "auth.token_invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEmptyConfigurationTrustsNobody(t *testing.T) {
	t.Parallel()
	i := authntest.NewIssuer(t, jwa.EdDSA, "k1")
	set := jwk.NewSet()
	must(t, set.AddKey(i.Public))
	v := authn.NewVerifier(set, quiet{}, authn.Config{}, func() time.Time { return noon })
	if _, err := v.Verify(t.Context(), i.Token(i.Header(), body().But("iss", "").But("aud", ""))); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("Verify = %v", err)
	}
}

type quiet struct{}

func (quiet) IsRevoked(context.Context, authn.Principal, time.Time) (bool, error) { return false, nil }
