// Package authntest makes access tokens for tests, good ones and every kind of bad one that a verifier is known to meet. Only
// tests may import it.
package authntest

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
)

// Fields is a JSON object: a header or the claims.
type Fields map[string]any

// But returns a copy with one field changed, or left out when value is nil.
func (f Fields) But(name string, value any) Fields {
	c := maps.Clone(f)
	c[name] = value
	if value == nil {
		delete(c, name)
	}
	return c
}

// JSON encodes the object.
func (f Fields) JSON() []byte {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return data
}

// Issuer signs what it is told to, good or bad.
type Issuer struct {
	T       testing.TB
	Private jwk.Key
	Public  jwk.Key
}

// NewIssuer makes a key for alg, EdDSA or ES256, with that id.
func NewIssuer(t testing.TB, alg jwa.SignatureAlgorithm, kid string) Issuer {
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
	return IssuerOf(t, private)
}

// NewES256 is NewIssuer for packages that must not know jwx.
func NewES256(t testing.TB, kid string) Issuer {
	t.Helper()
	return NewIssuer(t, jwa.ES256, kid)
}

// Thief signs with an Ed25519 key that a test has put into a service.
func Thief(t testing.TB, key ed25519.PrivateKey, kid string) Issuer {
	t.Helper()
	private, err := jwk.FromRaw(key)
	must(t, err)
	must(t, errors.Join(private.Set(jwk.KeyIDKey, kid), private.Set(jwk.AlgorithmKey, jwa.EdDSA)))
	return IssuerOf(t, private)
}

// IssuerOf signs with a private key that has an id and an algorithm.
func IssuerOf(t testing.TB, private jwk.Key) Issuer {
	t.Helper()
	public, err := private.PublicKey()
	must(t, err)
	return Issuer{T: t, Private: private, Public: public}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Header is what a good token of this issuer begins with.
func (i Issuer) Header() Fields {
	return Fields{"alg": i.Private.Algorithm().String(), "typ": "at+jwt", "kid": i.Private.KeyID()}
}

// Sign makes a token of any header and body, byte by byte.
func (i Issuer) Sign(header, body []byte) string {
	i.T.Helper()
	signing := B64(header) + "." + B64(body)
	return signing + "." + B64(i.signature(signing))
}

func (i Issuer) signature(signing string) []byte {
	i.T.Helper()
	var raw any
	must(i.T, i.Private.Raw(&raw))
	signer, err := jws.NewSigner(i.Private.Algorithm().(jwa.SignatureAlgorithm))
	must(i.T, err)
	signature, err := signer.Sign([]byte(signing), raw)
	must(i.T, err)
	return signature
}

// Token is Sign for objects.
func (i Issuer) Token(header, body Fields) string {
	i.T.Helper()
	return i.Sign(header.JSON(), body.JSON())
}

// Body is what auth issues at that time: 15 minutes for the user "user" in the session "session".
func Body(now time.Time) Fields {
	return Fields{
		"iss": "us", "aud": "api", "sub": "user", "user_id": "user", "jti": "id", "sid": "session", "type": "access", "token_type": "access",
		"username": "ana", "email": "ana@example.com", "roles": []string{"user"},
		"iat": now.Unix(), "exp": now.Add(15 * time.Minute).Unix(),
	}
}

// B64 is the encoding of a token's parts.
func B64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
