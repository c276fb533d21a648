package authn_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestGoodToken(t *testing.T) {
	t.Parallel()
	want := authn.Principal{UserID: "user", Email: "ana@example.com", Username: "ana", Roles: []string{"user"}, SessionID: "session", TokenID: "id"}
	for _, alg := range []jwa.SignatureAlgorithm{jwa.EdDSA, jwa.ES256} {
		i := newIssuer(t, alg, "k1")
		other := newIssuer(t, jwa.EdDSA, "k0")
		v := verifierOf(t, noon, other.public, i.public)
		for name, b := range map[string]fields{
			"as issued":      body(),
			"audience list":  body().but("aud", []string{"other", "api"}),
			"nbf now":        body().but("nbf", noon.Unix()),
			"ahead by 29s":   body().but("iat", noon.Add(29*time.Second).Unix()),
			"unknown claims": body().but("nonce", fields{"a": 1}),
		} {
			got, err := v.Verify(t.Context(), i.token(i.header(), b))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s, %s: %v %s", alg, name, err, diff)
			}
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, jwa.EdDSA, "k1")
	token := i.token(i.header(), body())
	end := noon.Add(15 * time.Minute)
	if _, err := verifierOf(t, end.Add(-time.Nanosecond), i.public).Verify(t.Context(), token); err != nil {
		t.Errorf("the moment before: %v", err)
	}
	_, err := verifierOf(t, end, i.public).Verify(t.Context(), token)
	if fault.From(err).Code != "auth.token_expired" {
		t.Errorf("at the end: %v", err)
	}
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	us, them := newIssuer(t, jwa.EdDSA, "k1"), newIssuer(t, jwa.EdDSA, "k1")
	ec := newIssuer(t, jwa.ES256, "ec")
	h := us.header()
	v := verifierOf(t, noon, us.public, ec.public)
	valid := us.token(h, body())
	if _, err := v.Verify(t.Context(), valid); err != nil {
		t.Fatalf("the token that the attacks are made from is refused: %v", err)
	}
	part := strings.Split(valid, ".")
	raw := string(body().json())
	attacks := map[string]string{
		"empty":                    "",
		"dots":                     "..",
		"garbage":                  "abc",
		"two parts":                part[0] + "." + part[1],
		"four parts":               valid + ".x",
		"line break":               valid + "\n",
		"json serialisation":       `{"payload":"` + part[1] + `","protected":"` + part[0] + `","signature":"` + part[2] + `"}`,
		"oversized":                us.token(h, body().but("pad", strings.Repeat("x", 8<<10))),
		"alg none":                 b64(h.but("alg", "none").json()) + "." + part[1] + ".",
		"alg none, signed":         b64(h.but("alg", "none").json()) + "." + part[1] + "." + part[2],
		"alg None":                 b64(h.but("alg", "None").json()) + "." + part[1] + "." + part[2],
		"no alg":                   us.token(h.but("alg", nil), body()),
		"hmac with public bytes":   hmacToken(t, us, rawPublic(t, us)),
		"hmac with public jwk":     hmacToken(t, us, publicJSON(t, us)),
		"alg of another key":       us.token(h.but("alg", "ES256"), body()),
		"kid of another key":       us.token(h.but("kid", "ec"), body()),
		"payload swapped":          part[0] + "." + b64(body().but("sub", "admin").json()) + "." + part[2],
		"header swapped":           b64(h.but("x", 1).json()) + "." + part[1] + "." + part[2],
		"signature cut":            part[0] + "." + part[1] + "." + part[2][:40],
		"signature of zeros":       ec.zeros(),
		"foreign key":              them.token(h, body()),
		"foreign key, own kid":     them.token(h.but("kid", "them"), body()),
		"embedded jwk":             them.token(h.but("jwk", them.public), body()),
		"embedded jwk, no kid":     them.token(h.but("jwk", them.public).but("kid", nil), body()),
		"jku":                      them.token(h.but("jku", "https://evil.example/keys"), body()),
		"x5u":                      them.token(h.but("x5u", "https://evil.example/cert"), body()),
		"crit":                     us.token(h.but("crit", []string{"b64"}).but("b64", false), body()),
		"no kid":                   us.token(h.but("kid", nil), body()),
		"kid of a path":            us.token(h.but("kid", "../../../dev/null"), body()),
		"kid of sql":               us.token(h.but("kid", "' OR '1'='1"), body()),
		"kid of another type":      us.token(h.but("kid", []string{"k1"}), body()),
		"long kid":                 us.token(h.but("kid", strings.Repeat("k", 4<<10)), body()),
		"no typ":                   us.token(h.but("typ", nil), body()),
		"typ JWT":                  us.token(h.but("typ", "JWT"), body()),
		"header twice alg":         us.sign([]byte(`{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"k1"}`), body().json()),
		"header is a list":         us.sign([]byte(`["EdDSA"]`), body().json()),
		"wrong issuer":             us.token(h, body().but("iss", "them")),
		"no issuer":                us.token(h, body().but("iss", nil)),
		"wrong audience":           us.token(h, body().but("aud", "other")),
		"other audiences":          us.token(h, body().but("aud", []string{"a", "b"})),
		"no audience":              us.token(h, body().but("aud", nil)),
		"refresh token":            us.token(h, body().but("type", "refresh")),
		"no type":                  us.token(h, body().but("type", nil)),
		"no exp":                   us.token(h, body().but("exp", nil)),
		"no iat":                   us.token(h, body().but("iat", nil)),
		"no jti":                   us.token(h, body().but("jti", nil)),
		"no sub":                   us.token(h, body().but("sub", nil)),
		"no sid":                   us.token(h, body().but("sid", nil)),
		"empty sub":                us.token(h, body().but("sub", "")),
		"sub is a number":          us.token(h, body().but("sub", 1)),
		"exp is text":              us.token(h, body().but("exp", "9999999999")),
		"exp negative":             us.token(h, body().but("exp", -1)),
		"exp null":                 us.sign(h.json(), []byte(strings.Replace(raw, `"exp":`, `"exp":null,"exq":`, 1))),
		"exp enormous":             us.token(h, body().but("exp", 1e300)),
		"issued in the future":     us.token(h, body().but("iat", noon.Add(31*time.Second).Unix())),
		"not yet valid":            us.token(h, body().but("nbf", noon.Add(31*time.Second).Unix())),
		"sub twice":                us.sign(h.json(), []byte(strings.Replace(raw, `{`, `{"sub":"admin",`, 1))),
		"sub twice by case":        us.sign(h.json(), []byte(strings.Replace(raw, `"sub":"user"`, `"sub":"user","SUB":"admin"`, 1))),
		"exp twice":                us.sign(h.json(), []byte(strings.Replace(raw, `{`, `{"exp":1,`, 1))),
		"claims are a list":        us.sign(h.json(), []byte(`[1]`)),
		"claims are followed":      us.sign(h.json(), append(body().json(), `{}`...)),
		"claims are cut":           us.sign(h.json(), bytes.TrimRight(body().json(), "}")),
		"claims are empty":         us.sign(h.json(), []byte(`{}`)),
		"nothing is in the claims": us.sign(h.json(), nil),
	}
	for name, attack := range attacks {
		_, err := v.Verify(t.Context(), attack)
		f := fault.From(err)
		if f == nil || f.Kind != fault.Unauthenticated || f.Code != "auth.token_invalid" {
			t.Errorf("%s: %v; want auth.token_invalid", name, err)
		}
	}
}

func rawPublic(t *testing.T, i issuer) []byte {
	t.Helper()
	var raw ed25519.PublicKey
	must(t, i.public.Raw(&raw))
	return raw
}

func publicJSON(t *testing.T, i issuer) []byte {
	t.Helper()
	data, err := json.Marshal(i.public)
	must(t, err)
	return data
}

func hmacToken(t *testing.T, i issuer, secret []byte) string {
	t.Helper()
	signing := b64(i.header().but("alg", "HS256").json()) + "." + b64(body().json())
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signing))
	return signing + "." + b64(mac.Sum(nil))
}

func (i issuer) zeros() string {
	return b64(i.header().json()) + "." + b64(body().json()) + "." + b64(make([]byte, 64))
}

// A set may hold keys that no access token may be signed with.
func TestKeysThatAreNotForTokens(t *testing.T) {
	t.Parallel()
	without := newIssuer(t, jwa.EdDSA, "without")
	must(t, without.public.Remove(jwk.AlgorithmKey))
	encrypts := newIssuer(t, jwa.EdDSA, "encrypts")
	must(t, encrypts.public.Set(jwk.KeyUsageKey, jwk.ForEncryption))
	confused := newIssuer(t, jwa.EdDSA, "confused")
	must(t, confused.public.Set(jwk.AlgorithmKey, jwa.ES256))
	shared, err := jwk.FromRaw([]byte("a shared secret of some length"))
	must(t, err)
	must(t, errors.Join(shared.Set(jwk.KeyIDKey, "shared"), shared.Set(jwk.AlgorithmKey, jwa.HS256)))
	v := verifierOf(t, noon, without.public, encrypts.public, confused.public, shared)
	tokens := map[string]string{
		"without alg": without.token(without.header(), body()),
		"for ciphers": encrypts.token(encrypts.header(), body()),
		"wrong alg":   confused.token(confused.header(), body()),
		"shared":      hmacToken(t, issuer{t: t, private: shared}, []byte("a shared secret of some length")),
	}
	for name, token := range tokens {
		if _, err := v.Verify(t.Context(), token); fault.From(err).Code != "auth.token_invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEmptyConfigurationTrustsNobody(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, jwa.EdDSA, "k1")
	set := jwk.NewSet()
	must(t, set.AddKey(i.public))
	v := authn.NewVerifier(set, quiet{}, authn.Config{}, func() time.Time { return noon })
	if _, err := v.Verify(t.Context(), i.token(i.header(), body().but("iss", "").but("aud", ""))); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("Verify = %v", err)
	}
}

type quiet struct{}

func (quiet) IsRevoked(context.Context, authn.Principal, time.Time) (bool, error) { return false, nil }
