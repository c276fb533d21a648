package authn

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"
)

const (
	maxToken = 8 << 10 // bytes; ours have about 700
	maxKeyID = 128
	mediaTyp = "at+jwt" // RFC 9068
)

var errUnknownKey = errors.New("no key has the id that the token names")

// header is all that is read of a token's header. What else it may hold (jwk, jku, x5u, x5c) would let the sender choose
// the key, so nobody looks at it.
type header struct {
	Algorithm string          `json:"alg"`
	KeyID     string          `json:"kid"`
	Type      string          `json:"typ"`
	Critical  json.RawMessage `json:"crit"`
	Unencoded json.RawMessage `json:"b64"`
}

// parseHeader reads the header before anything is verified, only to find the key. It accepts the compact form alone: the
// JSON form may carry several signatures, of which a verifier could check another one than it reads.
func parseHeader(token string) (h header, err error) {
	if len(token) > maxToken {
		return h, fmt.Errorf("token of %d bytes is too long", len(token))
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" || strings.ContainsAny(token, "\r\n") { // which base64 skips
		return h, errors.New("token is not three parts")
	}
	raw, err := canonical(parts)
	if err != nil {
		return h, err
	}
	if err := decodeObject(raw, &h); err != nil {
		return h, fmt.Errorf("decode header: %w", err)
	}
	switch {
	case h.Critical != nil || h.Unencoded != nil:
		return h, errors.New("token relies on an extension")
	case !strings.EqualFold(strings.TrimPrefix(h.Type, "application/"), mediaTyp):
		return h, fmt.Errorf("token has type %q", h.Type)
	case !plainKeyID(h.KeyID):
		return h, errors.New("token has no plain key id")
	}
	return h, nil
}

// canonical returns the decoded header of a token that has one spelling only. jwx also takes padding, the other alphabet of
// base64 and bits that decode to nothing, so that one token could be written in several ways and pass a list of them.
func canonical(parts []string) (header []byte, err error) {
	for i, part := range parts {
		data, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return nil, fmt.Errorf("decode part %d of the token: %w", i+1, err)
		}
		if i == 0 {
			header = data
		}
	}
	return header, nil
}

// plainKeyID allows the alphabet of thumbprints, so that an id is never a path, a query or a log line.
func plainKeyID(kid string) bool {
	if kid == "" || len(kid) > maxKeyID {
		return false
	}
	for _, b := range []byte(kid) {
		if !letterOrDigit(b) && b != '-' && b != '_' {
			return false
		}
	}
	return true
}

func letterOrDigit(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// verifySignature checks with the algorithm that the key is for; the token may only agree with it.
func verifySignature(token string, h header, key jwk.Key) ([]byte, error) {
	alg, err := algorithmOf(key)
	if err != nil {
		return nil, err
	}
	if h.Algorithm != alg.String() {
		return nil, fmt.Errorf("token is signed with %q, the key is for %s", h.Algorithm, alg)
	}
	return jws.Verify([]byte(token), jws.WithKey(alg, key))
}

// algorithmOf is a closed list of pairs of algorithm and public key. No symmetric one is in it: whoever could verify could
// also sign.
func algorithmOf(key jwk.Key) (jwa.SignatureAlgorithm, error) {
	if usage := key.KeyUsage(); usage != "" && usage != string(jwk.ForSignature) {
		return "", fmt.Errorf("key is for %q, not for signatures", usage)
	}
	if private, err := jwk.IsPrivateKey(key); err != nil || private {
		return "", fmt.Errorf("key of kind %s is not public", key.KeyType())
	}
	alg := jwa.SignatureAlgorithm(key.Algorithm().String())
	switch k := key.(type) {
	case jwk.OKPPublicKey:
		if alg == jwa.EdDSA && k.Crv() == jwa.Ed25519 {
			return alg, nil
		}
	case jwk.ECDSAPublicKey:
		if alg == jwa.ES256 && k.Crv() == jwa.P256 {
			return alg, nil
		}
	}
	return "", fmt.Errorf("key of kind %s for algorithm %q is not allowed", key.KeyType(), alg)
}
