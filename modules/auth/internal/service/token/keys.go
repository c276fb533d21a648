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
	"log/slog"
	"os"
	"path/filepath"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
)

// keyFile holds the private key as a JSON Web Key, readable by its owner only.
const keyFile = "signing-key.json"

const (
	ownerOnly    fs.FileMode = 0o600
	ownerFolder  fs.FileMode = 0o700
	worldAllowed fs.FileMode = 0o007
)

// Keys is the signing key and the public set made from it.
type Keys struct {
	private jwk.Key
	public  jwk.Set
}

// OpenKeys reads the key in dir, or makes one at first use. alg is "EdDSA" or "ES256". Several processes may start on
// one empty folder at once; all end up with the same key.
func OpenKeys(dir, alg string, log *slog.Logger) (*Keys, error) {
	path := filepath.Join(dir, keyFile)
	private, err := readKey(path, log)
	if errors.Is(err, fs.ErrNotExist) {
		if err = createKey(dir, path, alg); err == nil {
			log.Info("signing key created", "path", path, "alg", alg)
			private, err = readKey(path, log)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	if got := private.Algorithm().String(); got != alg {
		return nil, fmt.Errorf("signing key: %s is for %q but %q is configured; change the setting, or move the file away to get a new key and end all access tokens", path, got, alg)
	}
	return publish(private)
}

// Public is the set that verifies our tokens; it is live, so a verifier that holds it sees changes.
func (k *Keys) Public() jwk.Set { return k.public }

func publish(private jwk.Key) (*Keys, error) {
	public, err := jwk.PublicKeyOf(private)
	if err != nil {
		return nil, fmt.Errorf("public part of the signing key: %w", err)
	}
	set := jwk.NewSet()
	if err := set.AddKey(public); err != nil {
		return nil, fmt.Errorf("publish the signing key: %w", err)
	}
	return &Keys{private: private, public: set}, nil
}

func readKey(path string, log *slog.Logger) (jwk.Key, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&worldAllowed != 0 {
		log.Warn("signing key is open to every user of this machine", "path", path, "remedy", "chmod 600")
	}
	key, err := jwk.ParseKey(data)
	if err != nil {
		// The parser's own message may quote the file, which is the secret.
		return nil, fmt.Errorf("%s is not a JSON Web Key; restore it, or move it away to get a new one", path)
	}
	if private, err := jwk.IsPrivateKey(key); err != nil || !private {
		return nil, fmt.Errorf("%s is not a private key", path)
	}
	return key, nil
}

// createKey writes a temporary file and links it into place: the link fails if another process was first, and a crash
// leaves either no key or a whole one.
func createKey(dir, path, alg string) error {
	data, err := generate(alg)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, ownerFolder); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, keyFile+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, writeErr := temp.Write(data)
	if err := errors.Join(writeErr, temp.Chmod(ownerOnly), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func generate(alg string) ([]byte, error) {
	raw, err := rawKey(alg)
	if err != nil {
		return nil, err
	}
	key, err := jwk.FromRaw(raw)
	if err != nil {
		return nil, err
	}
	if err := jwk.AssignKeyID(key); err != nil { // the RFC 7638 thumbprint
		return nil, err
	}
	if err := errors.Join(key.Set(jwk.AlgorithmKey, alg), key.Set(jwk.KeyUsageKey, jwk.ForSignature)); err != nil {
		return nil, err
	}
	return json.Marshal(key)
}

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
