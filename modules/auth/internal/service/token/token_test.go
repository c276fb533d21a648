package token_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir, alg string) *token.Keys {
	t.Helper()
	keys, err := token.OpenKeys(dir, alg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func tokens(keys *token.Keys, now time.Time) *token.Tokens {
	return token.New(keys, token.Config{Issuer: "us", Audience: "api", Now: func() time.Time { return now }})
}

func claims() domain.Claims {
	return domain.Claims{
		ID: "jti", SessionID: "sid", UserID: "user", Username: "ana", Email: "ana@example.com", Roles: []string{"user"},
		IssuedAt: noon, ExpiresAt: noon.Add(15 * time.Minute),
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"EdDSA", "ES256"} {
		dir := t.TempDir()
		signed, err := tokens(open(t, dir, alg), noon).Sign(t.Context(), claims())
		if err != nil {
			t.Fatal(err)
		}
		// A second start reads the same key.
		got, err := tokens(open(t, dir, alg), noon).Read(t.Context(), signed)
		if err != nil {
			t.Fatalf("%s: Read = %v", alg, err)
		}
		if diff := cmp.Diff(claims(), got); diff != "" {
			t.Errorf("%s: claims differ: %s", alg, diff)
		}
	}
}

func TestWireForm(t *testing.T) {
	t.Parallel()
	keys := open(t, t.TempDir(), "EdDSA")
	signed, err := tokens(keys, noon).Sign(t.Context(), claims())
	if err != nil {
		t.Fatal(err)
	}
	key, _ := keys.Public().Key(0)
	wantHeader := map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": key.KeyID()}
	if diff := cmp.Diff(wantHeader, part(t, signed, 0)); diff != "" {
		t.Errorf("header differs: %s", diff)
	}
	if diff := cmp.Diff(body(), part(t, signed, 1)); diff != "" {
		t.Errorf("payload differs: %s", diff)
	}
}

func body() map[string]any {
	return map[string]any{
		"iss": "us", "aud": "api", "sub": "user", "user_id": "user", "jti": "jti", "sid": "sid", "type": "access", "token_type": "access",
		"username": "ana", "email": "ana@example.com", "roles": []any{"user"},
		"iat": float64(noon.Unix()), "exp": float64(noon.Add(15 * time.Minute).Unix()),
	}
}

func part(t *testing.T, signed string, i int) map[string]any {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(signed, ".")[i])
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestExpiredTokenKeepsItsClaims(t *testing.T) {
	t.Parallel()
	keys := open(t, t.TempDir(), "EdDSA")
	signed, _ := tokens(keys, noon).Sign(t.Context(), claims())
	if _, err := tokens(keys, noon.Add(15*time.Minute-time.Nanosecond)).Read(t.Context(), signed); err != nil {
		t.Errorf("a moment before expiry: %v", err)
	}
	got, err := tokens(keys, noon.Add(15*time.Minute)).Read(t.Context(), signed)
	if !errors.Is(err, domain.ErrTokenExpired) || got.SessionID != "sid" {
		t.Errorf("at expiry: %+v, %v", got, err)
	}
}

// forge signs whatever it is told to with a key of its choice.
func forge(t *testing.T, raw any, header, claims map[string]any) string {
	t.Helper()
	h := jws.NewHeaders()
	alg := header["alg"].(string)
	for name, value := range header {
		if name != "alg" {
			if err := h.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	data, _ := json.Marshal(claims)
	signed, err := jws.Sign(data, jws.WithKey(jwa.SignatureAlgorithm(alg), raw, jws.WithProtectedHeaders(h)))
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func b64(v any) string {
	data, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(data)
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := open(t, dir, "EdDSA")
	ours, own := privateOf(t, dir)
	_, theirs, _ := ed25519.GenerateKey(rand.Reader)
	public, _ := keys.Public().Key(0)
	good := map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": own.KeyID()}
	with := func(m map[string]any, name string, value any) map[string]any {
		c := maps.Clone(m)
		c[name] = value
		if value == nil {
			delete(c, name)
		}
		return c
	}
	valid := forge(t, ours, good, body())
	if _, err := tokens(keys, noon).Read(t.Context(), valid); err != nil {
		t.Fatalf("the token that the attacks are made from is refused: %v", err)
	}
	segments := strings.Split(valid, ".")
	theirPublic, _ := jwk.FromRaw(theirs.Public())
	unsigned := b64(map[string]any{"alg": "none", "typ": "at+jwt", "kid": own.KeyID()}) + "." + segments[1] + "."

	attacks := map[string]string{
		"empty":               "",
		"garbage":             "abc",
		"two segments":        segments[0] + "." + segments[1],
		"four segments":       valid + ".x",
		"leading space":       " " + valid,
		"json serialisation":  `{"payload":"` + segments[1] + `","protected":"` + segments[0] + `","signature":"` + segments[2] + `"}`,
		"too long":            segments[0] + "." + segments[1] + strings.Repeat("A", 9<<10) + "." + segments[2],
		"alg none":            unsigned,
		"alg none with sig":   unsigned + segments[2],
		"hmac by public key":  hmacForged(t, public, segments[1]),
		"payload swapped":     segments[0] + "." + b64(with(body(), "sub", "admin")) + "." + segments[2],
		"signature cut":       segments[0] + "." + segments[1] + "." + segments[2][:40],
		"foreign key our kid": forge(t, theirs, good, body()),
		"foreign key its kid": forge(t, theirs, with(good, "kid", "x"), body()),
		"embedded jwk":        forge(t, theirs, with(good, "jwk", theirPublic), body()),
		"jku":                 forge(t, theirs, with(good, "jku", "https://evil.example/keys"), body()),
		"no kid":              forge(t, ours, with(good, "kid", nil), body()),
		"no typ":              forge(t, ours, with(good, "typ", nil), body()),
		"typ JWT":             forge(t, ours, with(good, "typ", "JWT"), body()),
		"wrong issuer":        forge(t, ours, good, with(body(), "iss", "them")),
		"wrong audience":      forge(t, ours, good, with(body(), "aud", "other")),
		"refresh type":        forge(t, ours, good, with(body(), "type", "refresh")),
		"no exp":              forge(t, ours, good, with(body(), "exp", nil)),
		"no iat":              forge(t, ours, good, with(body(), "iat", nil)),
		"no jti":              forge(t, ours, good, with(body(), "jti", nil)),
		"no sub":              forge(t, ours, good, with(body(), "sub", nil)),
		"no sid":              forge(t, ours, good, with(body(), "sid", nil)),
		"from the future":     forge(t, ours, good, with(body(), "iat", noon.Add(time.Minute).Unix())),
		"exp as text":         forge(t, ours, good, with(body(), "exp", "9999999999")),
	}
	for name, attack := range attacks {
		if _, err := tokens(keys, noon).Read(t.Context(), attack); !errors.Is(err, domain.ErrTokenInvalid) {
			t.Errorf("%s: %v; want ErrTokenInvalid", name, err)
		}
	}
}

func privateOf(t *testing.T, dir string) (ed25519.PrivateKey, jwk.Key) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "signing-key.json"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := jwk.ParseKey(data)
	if err != nil {
		t.Fatal(err)
	}
	var raw ed25519.PrivateKey
	if err := key.Raw(&raw); err != nil {
		t.Fatal(err)
	}
	bare := ed25519.NewKeyFromSeed(raw.Seed())
	return bare, key
}

func hmacForged(t *testing.T, public jwk.Key, payload string) string {
	t.Helper()
	var raw ed25519.PublicKey
	if err := public.Raw(&raw); err != nil {
		t.Fatal(err)
	}
	signing := b64(map[string]any{"alg": "HS256", "typ": "at+jwt", "kid": public.KeyID()}) + "." + payload
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(signing))
	return signing + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
