package blob_test

import (
	"errors"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/platform/blob"
)

func TestCheckKey(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"a", "a/b", "results/0b5c-9/J_1/3.zip", strings.Repeat("x", 255), "a..b"} {
		if err := blob.CheckKey(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	bad := []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", ".staging/x", "a/.hidden", `a\b`, "a b", "a:b",
		"a\x00b", "a\nb", "é", "a\xffb", strings.Repeat("x", 256), strings.Repeat("x/", 512) + "x",
	}
	for _, key := range bad {
		if err := blob.CheckKey(key); !errors.Is(err, blob.ErrKey) {
			t.Errorf("%q: got %v, want ErrKey", key, err)
		}
	}
}

func TestCheckPrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{"": "", "a": "a", "a/": "a", "a/b/": "a/b"} {
		if got, err := blob.CheckPrefix(prefix); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", prefix, got, err, want)
		}
	}
	for _, prefix := range []string{"/", "a//", "..", "/a"} {
		if _, err := blob.CheckPrefix(prefix); !errors.Is(err, blob.ErrKey) {
			t.Errorf("%q: got %v, want ErrKey", prefix, err)
		}
	}
}

func FuzzCheckKey(f *testing.F) {
	for _, seed := range []string{"a/b.zip", "../../etc/passwd", "/abs", "a/./b", "a\x00", ".staging/a", `..\a`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if blob.CheckKey(key) != nil {
			return
		}
		if !filepath.IsLocal(key) || path.Clean(key) != key || strings.ContainsAny(key, "\\\x00") || strings.Contains("/"+key, "/.") {
			t.Errorf("%q was accepted", key)
		}
	})
}
