package token_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
	"github.com/fiapx/fiapx/platform/authn/authntest"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// made is a ring with one key, and that key.
func made(t *testing.T, alg string) (*token.Ring, domain.SigningKey, *token.Sealer) {
	t.Helper()
	sealer, err := token.OpenSealer(t.TempDir(), quiet())
	must(t, err)
	key, err := token.Forge{Sealer: sealer}.Make(alg)
	must(t, err)
	key.State = domain.KeyCurrent
	ring := token.NewRing(sealer)
	must(t, ring.Load([]domain.SigningKey{key}))
	return ring, key, sealer
}

func issuer(t *testing.T, key domain.SigningKey, sealer *token.Sealer) authntest.Issuer {
	t.Helper()
	data, err := sealer.Open(key.Sealed, key.ID)
	must(t, err)
	private, err := jwk.ParseKey(data)
	must(t, err)
	return authntest.IssuerOf(t, private)
}

func tokens(ring *token.Ring, now time.Time) *token.Tokens {
	return token.New(ring, token.Config{Issuer: "us", Audience: "api", Now: func() time.Time { return now }})
}

func claims() domain.Claims {
	return domain.Claims{
		ID: "jti", SessionID: "sid", UserID: "user", Username: "ana", Email: "ana@example.com", Roles: []string{"user"},
		Scopes:   []domain.Scope{domain.AccountRead, domain.VideosRead},
		IssuedAt: noon, ExpiresAt: noon.Add(15 * time.Minute),
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"EdDSA", "ES256"} {
		ring, key, _ := made(t, alg)
		signed, err := tokens(ring, noon).Sign(t.Context(), claims())
		must(t, err)
		got, err := tokens(ring, noon).Read(t.Context(), signed)
		must(t, err)
		if diff := cmp.Diff(claims(), got); diff != "" {
			t.Errorf("%s: claims differ: %s", alg, diff)
		}
		if diff := cmp.Diff(map[string]any{"alg": alg, "typ": "at+jwt", "kid": key.ID}, part(t, signed, 0)); diff != "" {
			t.Errorf("header differs: %s", diff)
		}
		wire := map[string]any{
			"iss": "us", "aud": "api", "sub": "user", "user_id": "user", "jti": "jti", "sid": "sid", "type": "access", "token_type": "access",
			"username": "ana", "email": "ana@example.com", "roles": []any{"user"}, "scope": "account:read videos:read",
			"iat": float64(noon.Unix()), "exp": float64(noon.Add(15 * time.Minute).Unix()),
		}
		if diff := cmp.Diff(wire, part(t, signed, 1)); diff != "" {
			t.Errorf("payload differs: %s", diff)
		}
	}
}

func part(t *testing.T, signed string, i int) map[string]any {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(signed, ".")[i])
	must(t, err)
	var m map[string]any
	must(t, json.Unmarshal(data, &m))
	return m
}

func TestExpiredTokenKeepsItsClaims(t *testing.T) {
	t.Parallel()
	ring, _, _ := made(t, "EdDSA")
	signed, err := tokens(ring, noon).Sign(t.Context(), claims())
	must(t, err)
	if _, err := tokens(ring, noon.Add(15*time.Minute-time.Nanosecond)).Read(t.Context(), signed); err != nil {
		t.Errorf("a moment before expiry: %v", err)
	}
	got, err := tokens(ring, noon.Add(15*time.Minute)).Read(t.Context(), signed)
	if !errors.Is(err, domain.ErrTokenExpired) || got.SessionID != "sid" {
		t.Errorf("at expiry: %+v, %v", got, err)
	}
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	ring, key, sealer := made(t, "EdDSA")
	_, other, otherSealer := made(t, "ES256")
	for _, a := range authntest.Attacks(authntest.Target{
		Issuer: issuer(t, key, sealer), Other: issuer(t, other, otherSealer), Body: authntest.Body(noon), Now: noon,
	}) {
		want := domain.ErrTokenInvalid
		if a.Code == domain.ErrTokenExpired.Code {
			want = domain.ErrTokenExpired
		}
		if _, err := tokens(ring, noon).Read(t.Context(), a.Token); !errors.Is(err, want) {
			t.Errorf("%s (%s): %v; want %v", a.Name, a.Source, err, want)
		}
	}
}

func TestRingWithoutKeys(t *testing.T) {
	t.Parallel()
	_, key, sealer := made(t, "EdDSA")
	ring := token.NewRing(sealer)
	if _, err := tokens(ring, noon).Sign(t.Context(), claims()); err == nil {
		t.Error("something was signed without a key")
	}
	if _, err := ring.Set(); err == nil {
		t.Error("nothing was published as if it were a set")
	}
	key.State = domain.KeyNext
	if err := ring.Load([]domain.SigningKey{key}); err == nil {
		t.Error("keys of which none signs are accepted")
	}
	key.State = domain.KeyCurrent
	must(t, ring.Load([]domain.SigningKey{key}))
	broken := key
	broken.Sealed = []byte("?")
	if err := ring.Load([]domain.SigningKey{broken}); err == nil {
		t.Error("a damaged key is accepted")
	}
	if _, err := tokens(ring, noon).Sign(t.Context(), claims()); err != nil {
		t.Errorf("the keys from before are gone: %v", err)
	}
	set, err := ring.Set()
	must(t, err)
	if strings.Contains(string(set), `"d"`) {
		t.Error("the published set contains the private key")
	}
	parsed, err := jwk.Parse(set)
	must(t, err)
	if public, _ := parsed.Key(0); parsed.Len() != 1 || public.KeyID() != key.ID || public.Algorithm() != jwa.EdDSA || public.KeyUsage() != "sig" {
		t.Errorf("published %s", set)
	}
}

func TestAlgorithmsThatAreNone(t *testing.T) {
	t.Parallel()
	sealer, err := token.OpenSealer(t.TempDir(), quiet())
	must(t, err)
	for _, alg := range []string{"HS256", "RS256", "none", ""} {
		if _, err := (token.Forge{Sealer: sealer}).Make(alg); err == nil {
			t.Errorf("%q is accepted", alg)
		}
	}
}
