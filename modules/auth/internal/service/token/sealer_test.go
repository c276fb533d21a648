package token_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
)

const (
	oneKEK = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="
	twoKEK = "0202020202020202020202020202020202020202020202020202020202020202"
)

func sealer(t *testing.T, text string) *token.Sealer {
	t.Helper()
	s, err := token.ParseSealer(text)
	must(t, err)
	return s
}

func TestSealing(t *testing.T) {
	t.Parallel()
	secret := []byte("the private key")
	one, two := sealer(t, oneKEK), sealer(t, twoKEK)
	sealed := one.Seal(secret, "k1")
	if bytes.Contains(sealed, secret) || bytes.Equal(sealed, one.Seal(secret, "k1")) {
		t.Error("sealed in the open, or twice alike")
	}
	if got, err := sealer(t, oneKEK+"\n").Open(sealed, "k1"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("opened %q, %v", got, err)
	}
	// While the key-encryption key is changed, the new one seals and the old one still opens.
	both := sealer(t, twoKEK+" , "+oneKEK)
	if _, err := both.Open(sealed, "k1"); err != nil {
		t.Errorf("with both keys: %v", err)
	}
	if _, err := two.Open(both.Seal(secret, "k1"), "k1"); err != nil {
		t.Errorf("the first key does not seal: %v", err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, c := range map[string]struct {
		by     *token.Sealer
		sealed []byte
		name   string
		says   string
	}{
		"another key":     {two, sealed, "k1", "FIAPX_AUTH_KEK"},
		"another name":    {one, sealed, "k2", "changed"},
		"changed":         {one, changed, "k1", "changed"},
		"cut":             {one, sealed[:5], "k1", "form"},
		"nothing":         {one, nil, "k1", "form"},
		"another form":    {one, append([]byte{9}, sealed[1:]...), "k1", "form"},
		"head and no key": {one, sealed[:9], "k1", "form"},
	} {
		if got, err := c.by.Open(c.sealed, c.name); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q, %v; want an error that says %q", name, got, err, c.says)
		}
	}
}

func TestKeyEncryptionKeysThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \n", "secret-words", oneKEK[:20], oneKEK + " secret-words", strings.Repeat("00", 16)} {
		if _, err := token.ParseSealer(text); err == nil || strings.Contains(err.Error(), "secret-words") || !strings.Contains(err.Error(), "openssl") {
			t.Errorf("%q: %v; want an error with a remedy and without the secret", text, err)
		}
	}
}

func TestKeyEncryptionKeyFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "keys")
	sealers := make([]*token.Sealer, 8)
	var wg sync.WaitGroup
	for i := range sealers { // processes that start together
		wg.Go(func() {
			s, err := token.OpenSealer(dir, quiet())
			if err != nil {
				t.Error(err)
			}
			sealers[i] = s
		})
	}
	wg.Wait()
	sealed := sealers[0].Seal([]byte("x"), "k")
	for _, s := range sealers {
		if _, err := s.Open(sealed, "k"); err != nil {
			t.Fatalf("processes that start together have different keys: %v", err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "key-encryption-key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v; want mode 0600", info, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the key folder holds %v; temporary files must go", entries)
	}
	bad := filepath.Join(t.TempDir(), "key-encryption-key")
	must(t, os.WriteFile(bad, []byte("secret-words"), 0o600))
	if _, err := token.OpenSealer(filepath.Dir(bad), quiet()); err == nil || strings.Contains(err.Error(), "secret-words") || !strings.Contains(err.Error(), bad) {
		t.Errorf("%v; want an error that names the file and not its content", err)
	}
}
