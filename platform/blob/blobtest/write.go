package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/fiapx/fiapx/platform/blob"
)

func visibleAfterCommit(t *testing.T, s blob.Store) {
	const key = "videos/u1/film.mp4"
	w := create(t, s, key, "content")
	wantMissing(t, s, key)
	if found := Keys(t, s, ""); len(found) != 0 {
		t.Errorf("an unfinished object is listed: %v", found)
	}
	info, err := w.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Key != key || info.Size != 7 || info.Modified.IsZero() {
		t.Errorf("commit said %+v", info)
	}
	stat, err := s.Stat(t.Context(), key)
	if err != nil || stat.Key != key || stat.Size != 7 {
		t.Errorf("stat said %+v, %v", stat, err)
	}
	wantContent(t, s, key, "content")
}

func abortLeavesNothing(t *testing.T, s blob.Store) {
	w := create(t, s, "a/b/c", "content")
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	wantMissing(t, s, "a/b/c")
	if found := Keys(t, s, ""); len(found) != 0 {
		t.Errorf("left %v", found)
	}
}

func oneEnding(t *testing.T, s blob.Store) {
	w := create(t, s, "kept", "content")
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Errorf("abort after commit: %v", err)
	}
	if _, err := w.Commit(t.Context()); err == nil {
		t.Error("a second commit says that it did something")
	}
	if _, err := w.Write([]byte("more")); err == nil {
		t.Error("a write after commit was accepted")
	}
	wantContent(t, s, "kept", "content")

	w = create(t, s, "gone", "content")
	if err := errors.Join(w.Abort(), w.Abort()); err != nil {
		t.Errorf("abort twice: %v", err)
	}
	if _, err := w.Commit(t.Context()); err == nil {
		t.Error("commit after abort says that it did something")
	}
	wantMissing(t, s, "gone")
}

func cancelledCommit(t *testing.T, s blob.Store) {
	w := create(t, s, "a", "content")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if err := w.Abort(); err != nil {
		t.Errorf("abort after a failed commit: %v", err)
	}
	wantMissing(t, s, "a")
}

func replace(t *testing.T, s blob.Store) {
	Put(t, s, "a", []byte("old"))
	r, err := s.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	w := create(t, s, "a", "newer")
	wantContent(t, s, "a", "old")
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantContent(t, s, "a", "newer")
	if r.Info().Size != 3 {
		t.Errorf("the reader of the old object now says %+v", r.Info())
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if found := Keys(t, s, ""); len(found) != 1 {
		t.Errorf("found %v, want one key", found)
	}
}

// Whoever wins, a reader sees one whole object, during the race and after it.
func concurrentWriters(t *testing.T, s blob.Store) {
	const writers, rounds, size = 6, 4, 100_000
	content := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i)}, size) }
	whole := func(got []byte) error {
		if len(got) != size || !bytes.Equal(got, bytes.Repeat(got[:1], size)) {
			return fmt.Errorf("a torn object of %d bytes", len(got))
		}
		return nil
	}
	Put(t, s, "shared/key", content(0))
	var g errgroup.Group
	for i := range writers {
		g.Go(func() error {
			for range rounds {
				if _, err := put(t.Context(), s, "shared/key", content(i)); err != nil {
					return err
				}
				if err := whole(Get(t, s, "shared/key")); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if found := Keys(t, s, ""); len(found) != 1 {
		t.Errorf("found %v, want one key", found)
	}
}

// Deleting the only object of a folder while another one arrives in it must not lose the arrival.
func createAgainstDelete(t *testing.T, s blob.Store) {
	const rounds = 100
	var g errgroup.Group
	for _, name := range []string{"one", "two"} {
		g.Go(func() error {
			for range rounds {
				if _, err := put(t.Context(), s, "deep/er/folder/"+name, []byte(name)); err != nil {
					return fmt.Errorf("put %s: %w", name, err)
				}
				if freed, err := s.Delete(t.Context(), "deep/er/folder/"+name); err != nil || freed != 3 {
					return fmt.Errorf("delete %s freed %d: %w", name, freed, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
