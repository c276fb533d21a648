package blobtest

import (
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/fiapx/fiapx/platform/blob"
)

func missing(t *testing.T, s blob.Store) {
	Put(t, s, "a/b", []byte("x"))
	for _, key := range []string{"c", "a", "a/c", "a/b/c"} {
		wantMissing(t, s, key)
		if freed, err := s.Delete(t.Context(), key); err != nil || freed != 0 {
			t.Errorf("delete %s: freed %d, %v, want nothing", key, freed, err)
		}
	}
	wantContent(t, s, "a/b", "x")
	if found := Keys(t, s, "nowhere"); len(found) != 0 {
		t.Errorf("found %v in a folder that does not exist", found)
	}
}

func emptyObject(t *testing.T, s blob.Store) {
	if info := Put(t, s, "empty", nil); info.Size != 0 {
		t.Errorf("the size is %d", info.Size)
	}
	wantContent(t, s, "empty", "")
}

func deleteObject(t *testing.T, s blob.Store) {
	Put(t, s, "a/b/c", []byte("four"))
	Put(t, s, "a/d", []byte("x"))
	r, err := s.Open(t.Context(), "a/d")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if freed, err := s.Delete(t.Context(), "a/b/c"); err != nil || freed != 4 {
		t.Errorf("freed %d, %v, want 4", freed, err)
	}
	if freed, err := s.Delete(t.Context(), "a/b/c"); err != nil || freed != 0 {
		t.Errorf("the second time freed %d, %v, want 0", freed, err)
	}
	wantMissing(t, s, "a/b/c")
	if found := Keys(t, s, ""); !slices.Equal(found, []string{"a/d"}) {
		t.Errorf("left %v, want a/d", found)
	}
	// The folder that has gone can come back.
	Put(t, s, "a/b/c", []byte("again"))
	wantContent(t, s, "a/b/c", "again")
}

func keys(t *testing.T, s blob.Store) {
	for _, key := range []string{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", ".staging/x", "a\x00b", `a\b`} {
		_, errCreate := s.Create(t.Context(), key)
		_, errOpen := s.Open(t.Context(), key)
		_, errStat := s.Stat(t.Context(), key)
		_, errDelete := s.Delete(t.Context(), key)
		for call, err := range map[string]error{"create": errCreate, "open": errOpen, "stat": errStat, "delete": errDelete} {
			if !errors.Is(err, blob.ErrKey) {
				t.Errorf("%s %q: got %v, want ErrKey", call, key, err)
			}
		}
	}
	for _, prefix := range []string{"/", "..", "a//", ".staging"} {
		if err := s.List(t.Context(), prefix, func(blob.Info) error { return nil }); !errors.Is(err, blob.ErrKey) {
			t.Errorf("list %q: got %v, want ErrKey", prefix, err)
		}
	}
}

func ranges(t *testing.T, s blob.Store) {
	content := make([]byte, 100_003)
	for i := range content {
		content[i] = byte(i * 7 / 3)
	}
	Put(t, s, "ranged", content)
	r, err := s.Open(t.Context(), "ranged")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if err := iotest.TestReader(r, content); err != nil { // Read, Seek and ReadAt in every combination
		t.Error(err)
	}
	if n, err := r.ReadAt(make([]byte, 10), int64(len(content))-3); n != 3 || !errors.Is(err, io.EOF) {
		t.Errorf("the end gave %d bytes and %v, want 3 and EOF", n, err)
	}
	if info := r.Info(); info.Key != "ranged" || info.Size != int64(len(content)) || info.Modified.IsZero() {
		t.Errorf("info said %+v", info)
	}
}

func list(t *testing.T, s blob.Store) {
	all := []string{"a-b/x", "a.zip", "a/b/1", "a/b/2", "a/c", "a0", "b/z", "c"}
	for i := range all {
		Put(t, s, all[len(all)-1-i], []byte("xy"))
	}
	for prefix, want := range map[string][]string{
		"": all, "a": all[2:5], "a/": all[2:5], "a/b": all[2:4], "b": all[6:7], "z": nil,
	} {
		if got := Keys(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("list %q: got %v, want %v", prefix, got, want)
		}
	}
	err := s.List(t.Context(), "b", func(i blob.Info) error {
		if i.Size != 2 || i.Modified.IsZero() {
			t.Errorf("listed %+v", i)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func listEnds(t *testing.T, s blob.Store) {
	for _, key := range []string{"a/1", "a/2", "b"} {
		Put(t, s, key, nil)
	}
	stop, seen := errors.New("stop"), 0
	err := s.List(t.Context(), "", func(blob.Info) error {
		seen++
		return stop
	})
	if !errors.Is(err, stop) || seen != 1 {
		t.Errorf("got %v after %d objects, want the visitor's error after one", err, seen)
	}
	// A visitor may delete what it is shown.
	err = s.List(t.Context(), "", func(i blob.Info) error {
		_, err := s.Delete(t.Context(), i.Key)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if found := Keys(t, s, ""); len(found) != 0 {
		t.Errorf("left %v", found)
	}
}

// bigObject is larger than any part size or buffer; it goes in and comes out as a stream.
func bigObject(t *testing.T, s blob.Store) {
	const size = 24<<20 + 17
	source := func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), size) }
	want := sha256.New()
	if _, err := io.Copy(want, source()); err != nil {
		t.Fatal(err)
	}
	w, err := s.Create(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, source()); err != nil {
		t.Fatal(err)
	}
	if info, err := w.Commit(t.Context()); err != nil || info.Size != size {
		t.Fatalf("got %+v, %v", info, err)
	}
	r, err := s.Open(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	got := sha256.New()
	if n, err := io.Copy(got, r); err != nil || n != size {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	if string(got.Sum(nil)) != string(want.Sum(nil)) {
		t.Error("the content has changed")
	}
}

func usage(t *testing.T, s blob.Store) {
	Put(t, s, "a", []byte("content"))
	used, total, err := s.Usage(t.Context())
	if err != nil || used < 0 || total < 0 || (total > 0 && used > total) {
		t.Errorf("used %d of %d, %v", used, total, err)
	}
}
