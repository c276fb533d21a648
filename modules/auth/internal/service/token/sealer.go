package token

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

const (
	kekFile   = "key-encryption-key"
	kekLen    = 32 // bytes: AES-256
	kekIDLen  = 8
	sealForm  = 1 // the first byte of what is sealed, for a day when the form changes
	ownerOnly = 0o600
	ownerDir  = 0o700
)

// Sealer encrypts private keys for the database with AES-256-GCM under a key-encryption key that the database does not know.
// It may be given several: the first one seals, all of them open, so that a new one can take over.
type Sealer struct{ keys []kek }

type kek struct {
	id   []byte // the start of its SHA-256, to find it again and to name it in errors
	aead cipher.AEAD
}

// ParseSealer reads key-encryption keys of 32 bytes in base64 or hexadecimal, separated by white space or commas.
func ParseSealer(text string) (*Sealer, error) {
	s := &Sealer{}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	for i, word := range words {
		k, err := parseKEK(word)
		if err != nil {
			return nil, fmt.Errorf("key-encryption key %d: %w", i+1, err)
		}
		s.keys = append(s.keys, k)
	}
	if len(s.keys) == 0 {
		return nil, errors.New("there is no key-encryption key; 'openssl rand -base64 32' makes one")
	}
	return s, nil
}

func parseKEK(word string) (k kek, err error) {
	raw, err := hex.DecodeString(word)
	if err != nil {
		raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(word, "="))
	}
	if err != nil || len(raw) != kekLen { // an error of the decoder would quote the secret
		return k, errors.New("it is not 32 bytes in base64 or hexadecimal; 'openssl rand -base64 32' makes one")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return k, err
	}
	sum := sha256.Sum256(raw)
	k.id = sum[:kekIDLen]
	k.aead, err = cipher.NewGCMWithRandomNonce(block)
	return k, err
}

// OpenSealer reads the key-encryption key of the folder dir, or makes one, readable by its owner alone, at first use.
func OpenSealer(dir string, log *slog.Logger) (*Sealer, error) {
	path := filepath.Join(dir, kekFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = createFile(dir, path, []byte(newKEK()+"\n")); err == nil {
			log.Info("key-encryption key created", "path", path)
			data, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key-encryption key: %w", err)
	}
	warnIfOpen(path, log)
	s, err := ParseSealer(string(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func newKEK() string {
	raw := make([]byte, kekLen)
	rand.Read(raw) // crypto/rand.Read never returns an error; it ends the program instead
	return base64.StdEncoding.EncodeToString(raw)
}

// createFile writes a temporary file and links it into place: the link fails if another process was first, and a crash
// leaves either no file or a whole one.
func createFile(dir, path string, data []byte) error {
	if err := os.MkdirAll(dir, ownerDir); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, filepath.Base(path)+".*") // mode 0600
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

func warnIfOpen(path string, log *slog.Logger) {
	const others = 0o007
	if info, err := os.Stat(path); err == nil && info.Mode()&others != 0 {
		log.Warn("key file is open to every user of this machine", "path", path, "remedy", "chmod 600")
	}
}

// Seal encrypts data; what it is sealed for must be named again to open it.
func (s *Sealer) Seal(data []byte, name string) []byte {
	k := s.keys[0]
	head := append([]byte{sealForm}, k.id...)
	return append(head, k.aead.Seal(nil, nil, data, purpose(name))...) //nolint:gosec // G407: this AEAD makes a random nonce itself
}

// Open decrypts what Seal made for the same name.
func (s *Sealer) Open(sealed []byte, name string) ([]byte, error) {
	if len(sealed) <= 1+kekIDLen || sealed[0] != sealForm {
		return nil, fmt.Errorf("signing key %s is stored in a form that this version does not know", name)
	}
	id, body := sealed[1:1+kekIDLen], sealed[1+kekIDLen:]
	for _, k := range s.keys {
		if !bytes.Equal(k.id, id) {
			continue
		}
		data, err := k.aead.Open(nil, nil, body, purpose(name))
		if err != nil {
			return nil, fmt.Errorf("signing key %s was changed in the database", name)
		}
		return data, nil
	}
	return nil, fmt.Errorf("signing key %s is encrypted with key-encryption key %x, which this process does not have; give all processes of serve-auth the same FIAPX_AUTH_KEK, or start over with 'fiapx admin rotate-keys --leaked'", name, id)
}

func purpose(name string) []byte { return []byte("fiapx signing key\x00" + name) }
