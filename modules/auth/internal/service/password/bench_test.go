package password_test

import (
	"testing"

	"golang.org/x/crypto/argon2"
)

// BenchmarkArgon2id is the plain function with the parameters of new hashes; tools/bench-auth reads it.
func BenchmarkArgon2id(b *testing.B) {
	for b.Loop() {
		argon2.IDKey([]byte("three blind mice"), []byte("sixteen bytes ok"), 2, 19*1024, 1, 32)
	}
}

// BenchmarkVerify adds what the hasher does around it.
func BenchmarkVerify(b *testing.B) {
	h := hasher()
	encoded, err := h.Hash(b.Context(), "three blind mice")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, _, err := h.Verify(b.Context(), encoded, "three blind mice"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
