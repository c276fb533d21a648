// Package blobtest is the contract of blob.Store as tests: every implementation passes Run. Only tests may import it.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/fiapx/fiapx/platform/blob"
)

// Run checks the contract against stores that open makes: empty ones, each used by one subtest.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, blob.Store){
		"visible after commit only":   visibleAfterCommit,
		"abort leaves nothing":        abortLeavesNothing,
		"one ending":                  oneEnding,
		"cancelled commit":            cancelledCommit,
		"replace":                     replace,
		"missing":                     missing,
		"empty object":                emptyObject,
		"delete":                      deleteObject,
		"keys":                        keys,
		"ranges":                      ranges,
		"list":                        list,
		"list ends with visit":        listEnds,
		"concurrent writers of a key": concurrentWriters,
		"create against delete":       createAgainstDelete,
		"big object":                  bigObject,
		"usage":                       usage,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// Put stores content under key and fails the test when that does not work.
func Put(t testing.TB, s blob.Store, key string, content []byte) blob.Info {
	t.Helper()
	info, err := put(t.Context(), s, key, content)
	if err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
	return info
}

// Get returns the content of key and fails the test when there is none.
func Get(t testing.TB, s blob.Store, key string) []byte {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("open %s: %v", key, err)
	}
	defer func() { _ = r.Close() }()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return content
}

// Keys lists the keys below prefix.
func Keys(t testing.TB, s blob.Store, prefix string) []string {
	t.Helper()
	var found []string
	err := s.List(t.Context(), prefix, func(i blob.Info) error {
		found = append(found, i.Key)
		return nil
	})
	if err != nil {
		t.Fatalf("list %q: %v", prefix, err)
	}
	return found
}

func put(ctx context.Context, s blob.Store, key string, content []byte) (blob.Info, error) {
	w, err := s.Create(ctx, key)
	if err != nil {
		return blob.Info{}, err
	}
	if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
		return blob.Info{}, errors.Join(err, w.Abort())
	}
	return w.Commit(ctx)
}

func create(t *testing.T, s blob.Store, key, content string) blob.Writer {
	t.Helper()
	w, err := s.Create(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	return w
}

func wantMissing(t *testing.T, s blob.Store, key string) {
	t.Helper()
	if _, err := s.Stat(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("stat %s: got %v, want ErrNotFound", key, err)
	}
	if r, err := s.Open(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("open %s: got %v, %v, want ErrNotFound", key, r, err)
	}
}

func wantContent(t *testing.T, s blob.Store, key, want string) {
	t.Helper()
	if got := string(Get(t, s, key)); got != want {
		t.Errorf("%s holds %q, want %q", key, got, want)
	}
}
