package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/blob/blobtest"
	"github.com/fiapx/fiapx/platform/blob/disk"
	"github.com/fiapx/fiapx/platform/fault"
)

// What someone else may have put into the folder is not an object: neither a way out of it nor a trap to hang in.
func TestOnlyRegularFilesAreObjects(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	s := open(t, dir)
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.Symlink(filepath.Join(outside, "secret"), filepath.Join(dir, "link")),
		os.Symlink(outside, filepath.Join(dir, "folder")),
		syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600),
		os.Mkdir(filepath.Join(dir, "dir"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"link", "pipe", "dir"} {
		if _, err := s.Open(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("open %s: got %v, want ErrNotFound", key, err)
		}
		if _, err := s.Stat(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("stat %s: got %v, want ErrNotFound", key, err)
		}
	}
	if _, err := s.Open(t.Context(), "folder/secret"); err == nil {
		t.Error("a link led out of the folder")
	}
	if w, err := s.Create(t.Context(), "folder/new"); err == nil {
		if _, err := w.Commit(t.Context()); err == nil {
			t.Error("an object was written through a link")
		}
	}
	if found := blobtest.Keys(t, s, ""); len(found) > 0 {
		t.Errorf("listed %v", found)
	}
	if left := files(t, outside); len(left) != 1 {
		t.Errorf("the other folder has %v", left)
	}
}

// smallDisk needs the right to mount, which tests have in containers and rarely elsewhere.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("skipped: mounting a small file system needs root: " + err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	s, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // before the unmount
	w, err := s.Create(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(make([]byte, 2<<20))
	if !errors.Is(err, blob.ErrFull) || fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("got %v, want ErrFull", err)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("the partial file is still there: %v", left)
	}
	if _, err := w.Commit(t.Context()); !errors.Is(err, blob.ErrFull) {
		t.Errorf("commit: got %v, want ErrFull", err)
	}
	if err := w.Abort(); err != nil {
		t.Error(err)
	}
	blobtest.Put(t, s, "small", make([]byte, 100_000))
}
