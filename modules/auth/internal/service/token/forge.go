package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// oldFile held the only key, unencrypted, before keys moved to the database.
const oldFile = "signing-key.json"

// Forge makes signing keys and seals them.
type Forge struct {
	Sealer *Sealer
	Dir    string // where an older version kept its key
}

// Make returns a new key without a state. alg is "EdDSA" or "ES256".
func (f Forge) Make(alg string) (domain.SigningKey, error) {
	raw, err := rawKey(alg)
	if err != nil {
		return domain.SigningKey{}, err
	}
	key, err := jwk.FromRaw(raw)
	if err != nil {
		return domain.SigningKey{}, fmt.Errorf("make signing key: %w", err)
	}
	return f.seal(key)
}

func (f Forge) seal(key jwk.Key) (domain.SigningKey, error) {
	if err := prepare(key); err != nil {
		return domain.SigningKey{}, fmt.Errorf("make signing key: %w", err)
	}
	public, err := jwk.PublicKeyOf(key)
	if err != nil {
		return domain.SigningKey{}, fmt.Errorf("public part of the signing key: %w", err)
	}
	published, publicErr := json.Marshal(public)
	private, privateErr := json.Marshal(key)
	if err := errors.Join(publicErr, privateErr); err != nil {
		return domain.SigningKey{}, fmt.Errorf("encode signing key: %w", err)
	}
	return domain.SigningKey{
		ID: key.KeyID(), Algorithm: key.Algorithm().String(), Public: published, Sealed: f.Sealer.Seal(private, key.KeyID()),
	}, nil
}

// Inherited reads the key that an older version kept in a file.
func (f Forge) Inherited() (domain.SigningKey, bool, error) {
	path := filepath.Join(f.Dir, oldFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return domain.SigningKey{}, false, nil
	}
	if err != nil {
		return domain.SigningKey{}, false, fmt.Errorf("signing key of an older version: %w", err)
	}
	key, err := jwk.ParseKey(data)
	if err != nil { // the parser's own message may quote the file, which is the secret
		return domain.SigningKey{}, false, fmt.Errorf("%s is not a JSON Web Key; restore it, or move it away to get a new one", path)
	}
	k, err := f.seal(key)
	return k, err == nil, err
}

// Forget removes that file.
func (f Forge) Forget() error { return os.Remove(filepath.Join(f.Dir, oldFile)) }

func rawKey(alg string) (any, error) {
	switch jwa.SignatureAlgorithm(alg) {
	case jwa.EdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	case jwa.ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return nil, fmt.Errorf("algorithm %q is not supported; use EdDSA or ES256", alg)
	}
}
