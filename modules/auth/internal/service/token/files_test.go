package token_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
)

func pkcs8(t *testing.T, raw any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(raw)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func edKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, raw, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	return raw
}

func ecKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	raw, err := ecdsa.GenerateKey(curve, rand.Reader)
	must(t, err)
	return raw
}

// asJWK is a key as JSON, private or public.
func asJWK(t *testing.T, raw any) string {
	t.Helper()
	key, err := jwk.FromRaw(raw)
	must(t, err)
	data, err := json.Marshal(key)
	must(t, err)
	return string(data)
}

func published(t *testing.T, ring *token.Ring) int {
	t.Helper()
	data, err := ring.Set()
	must(t, err)
	set, err := jwk.Parse(data)
	must(t, err)
	return set.Len()
}

func TestFormsOfKeyFiles(t *testing.T) {
	t.Parallel()
	ed, ec := edKey(t), ecKey(t, elliptic.P256())
	sec1, err := x509.MarshalECPrivateKey(ec)
	must(t, err)
	for name, c := range map[string]struct {
		content []string
		alg     string
		keys    int
	}{
		"PKCS 8, Ed25519":  {[]string{pkcs8(t, ed)}, "EdDSA", 1},
		"PKCS 8, P-256":    {[]string{pkcs8(t, ec)}, "ES256", 1},
		"SEC 1":            {[]string{string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}))}, "ES256", 1},
		"two in one file":  {[]string{pkcs8(t, ed) + pkcs8(t, ec)}, "EdDSA", 2},
		"JSON Web Key":     {[]string{asJWK(t, ec)}, "ES256", 1},
		"JSON Web Key Set": {[]string{`{"keys":[` + asJWK(t, ec) + `,` + asJWK(t, ed) + `]}`}, "ES256", 2},
		"two files":        {[]string{pkcs8(t, ed), asJWK(t, ec)}, "EdDSA", 2},
	} {
		var paths []string
		for range c.content {
			paths = append(paths, filepath.Join(t.TempDir(), "key"))
		}
		for i, path := range paths {
			must(t, os.WriteFile(path, []byte(c.content[i]), 0o600))
		}
		ring := token.NewRing(nil)
		must(t, token.NewFiles(ring, paths, time.Hour, time.Now, quiet()).Open(t.Context()))
		signed, err := tokens(ring, noon).Sign(t.Context(), claims())
		must(t, err)
		if alg := part(t, signed, 0)["alg"]; alg != c.alg || published(t, ring) != c.keys {
			t.Errorf("%s: signs with %v and publishes %d; want %s and %d", name, alg, published(t, ring), c.alg, c.keys)
		}
		if _, err := tokens(ring, noon).Read(t.Context(), signed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyFilesThatAreNone(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	for name, content := range map[string]string{
		"empty": "", "text": "secret-words", "public": asJWK(t, edKey(t).Public()), "RSA": pkcs8(t, rsaKey),
		"P-384": pkcs8(t, ecKey(t, elliptic.P384())), "shared secret": asJWK(t, []byte("secret-words of some length")), "empty set": `{"keys":[]}`,
		"half a PEM": pkcs8(t, edKey(t))[:60],
	} {
		path := filepath.Join(t.TempDir(), "key")
		must(t, os.WriteFile(path, []byte(content), 0o600))
		err := token.NewFiles(token.NewRing(nil), []string{path}, time.Hour, time.Now, quiet()).Open(t.Context())
		if err == nil || strings.Contains(err.Error(), "secret-words") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; want an error that names the file and not its content", name, err)
		}
	}
}

// A mounted secret is replaced while tokens of the old key are about.
func TestKeyFileIsReplaced(t *testing.T) {
	t.Parallel()
	now := noon
	path := filepath.Join(t.TempDir(), "key")
	write := func(content string) { must(t, os.WriteFile(path, []byte(content), 0o600)) }
	write(pkcs8(t, edKey(t)))
	ring := token.NewRing(nil)
	files := token.NewFiles(ring, []string{path}, 30*time.Minute, func() time.Time { return now }, quiet())
	must(t, files.Open(t.Context()))
	old, err := tokens(ring, now).Sign(t.Context(), claims())
	must(t, err)

	write("half of a sec") // caught while it is written
	if err := files.Tend(t.Context()); err == nil {
		t.Error("nonsense is not reported")
	}
	write(pkcs8(t, ecKey(t, elliptic.P256())))
	must(t, files.Tend(t.Context()))
	fresh, err := tokens(ring, now).Sign(t.Context(), claims())
	must(t, err)
	if part(t, fresh, 0)["alg"] != "ES256" {
		t.Error("the new key does not sign")
	}
	for _, tok := range []string{old, fresh} {
		if _, err := tokens(ring, now).Read(t.Context(), tok); err != nil {
			t.Errorf("after the change: %v", err)
		}
	}
	now = now.Add(30 * time.Minute)
	must(t, files.Tend(t.Context()))
	if published(t, ring) != 2 {
		t.Error("the old key went before its tokens")
	}
	now = now.Add(time.Nanosecond)
	must(t, files.Tend(t.Context()))
	if published(t, ring) != 1 {
		t.Error("the old key stays for ever")
	}
	if _, err := tokens(ring, noon).Read(t.Context(), old); err == nil {
		t.Error("the old key still verifies")
	}
}

func TestKeyOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "signing-key.json")
	key, err := jwk.FromRaw(edKey(t))
	must(t, err)
	must(t, jwk.AssignKeyID(key))
	data, err := json.Marshal(key)
	must(t, err)
	forge := token.Forge{Sealer: sealer(t, oneKEK), Dir: dir}
	if _, ok, err := forge.Inherited(); ok || err != nil {
		t.Errorf("an empty folder: %v, %v", ok, err)
	}
	must(t, os.WriteFile(path, data, 0o600))
	k, ok, err := forge.Inherited()
	if !ok || err != nil || k.ID != key.KeyID() || k.Algorithm != "EdDSA" {
		t.Fatalf("inherited %q %q, %v, %v", k.ID, k.Algorithm, ok, err)
	}
	k.State = domain.KeyCurrent
	must(t, token.NewRing(forge.Sealer).Load([]domain.SigningKey{k}))
	must(t, forge.Forget())
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the unencrypted file is still there: %v", err)
	}
	must(t, os.WriteFile(path, []byte("secret-words"), 0o600))
	if _, _, err := forge.Inherited(); err == nil || strings.Contains(err.Error(), "secret-words") || !strings.Contains(err.Error(), path) {
		t.Errorf("%v; want an error that names the file and not its content", err)
	}
}
