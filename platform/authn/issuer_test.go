package authn_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/cache/memory"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

type fields map[string]any

// but returns a copy with one field changed, or left out when value is nil.
func (f fields) but(name string, value any) fields {
	c := maps.Clone(f)
	c[name] = value
	if value == nil {
		delete(c, name)
	}
	return c
}

func (f fields) json() []byte {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return data
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// issuer signs what it is told to, good or bad.
type issuer struct {
	t       *testing.T
	private jwk.Key
	public  jwk.Key
	raw     any
}

func newIssuer(t *testing.T, alg jwa.SignatureAlgorithm, kid string) issuer {
	t.Helper()
	var raw any
	var err error
	if alg == jwa.ES256 {
		raw, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		_, raw, err = ed25519.GenerateKey(rand.Reader)
	}
	must(t, err)
	private, err := jwk.FromRaw(raw)
	must(t, err)
	must(t, errors.Join(private.Set(jwk.KeyIDKey, kid), private.Set(jwk.AlgorithmKey, alg), private.Set(jwk.KeyUsageKey, jwk.ForSignature)))
	public, err := private.PublicKey()
	must(t, err)
	return issuer{t, private, public, raw}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (i issuer) header() fields {
	return fields{"alg": i.private.Algorithm().String(), "typ": "at+jwt", "kid": i.private.KeyID()}
}

// sign makes a token of any header and body, byte by byte.
func (i issuer) sign(header, body []byte) string {
	i.t.Helper()
	signing := b64(header) + "." + b64(body)
	signer, err := jws.NewSigner(i.private.Algorithm().(jwa.SignatureAlgorithm))
	must(i.t, err)
	signature, err := signer.Sign([]byte(signing), i.raw)
	must(i.t, err)
	return signing + "." + b64(signature)
}

func (i issuer) token(header, body fields) string {
	i.t.Helper()
	return i.sign(header.json(), body.json())
}

// body is what auth issues.
func body() fields {
	return fields{
		"iss": "us", "aud": "api", "sub": "user", "user_id": "user", "jti": "id", "sid": "session", "type": "access", "token_type": "access",
		"username": "ana", "email": "ana@example.com", "roles": []string{"user"},
		"iat": noon.Unix(), "exp": noon.Add(15 * time.Minute).Unix(),
	}
}

func verifierOf(t *testing.T, now time.Time, keys ...jwk.Key) *authn.Verifier {
	t.Helper()
	set := jwk.NewSet()
	for _, key := range keys {
		must(t, set.AddKey(key))
	}
	clock := func() time.Time { return now }
	return authn.NewVerifier(set, authn.NewRevocations(memory.New(clock)), authn.Config{Issuer: "us", Audience: "api"}, clock)
}
