package token_test

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
)

func TestKeyFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "keys")
	keys := open(t, dir, "EdDSA")
	info, err := os.Stat(filepath.Join(dir, "signing-key.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v; want mode 0600", info, err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("the key folder holds %v; temporary files must go", entries)
	}
	key, _ := keys.Public().Key(0)
	thumb, _ := key.Thumbprint(crypto.SHA256)
	if key.KeyID() != base64.RawURLEncoding.EncodeToString(thumb) || key.Algorithm().String() != "EdDSA" || key.KeyUsage() != "sig" {
		t.Errorf("published key = kid %q alg %q use %q", key.KeyID(), key.Algorithm(), key.KeyUsage())
	}
	data, _ := json.Marshal(keys.Public())
	if strings.Contains(string(data), `"d"`) {
		t.Error("the published set contains the private key")
	}
}

func TestKeyFileProblems(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	path := filepath.Join(dir, "signing-key.json")
	public, _ := open(t, t.TempDir(), "EdDSA").Public().Key(0)
	onlyPublic, _ := json.Marshal(public)
	for name, content := range map[string]string{"empty": "", "text": "secret-words", "public": string(onlyPublic)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := token.OpenKeys(dir, "EdDSA", log)
		if err == nil || strings.Contains(err.Error(), "secret-words") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; want an error that names the file and not its content", name, err)
		}
	}
	other := t.TempDir()
	open(t, other, "ES256")
	if _, err := token.OpenKeys(other, "EdDSA", log); err == nil {
		t.Error("a key of another algorithm than configured is accepted")
	}
	if _, err := token.OpenKeys(t.TempDir(), "HS256", log); err == nil {
		t.Error("HS256 is accepted")
	}
}

func TestConcurrentFirstUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			keys, err := token.OpenKeys(dir, "EdDSA", slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			key, _ := keys.Public().Key(0)
			ids[i] = key.KeyID()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("processes that start together have different keys: %v", ids)
		}
	}
}
