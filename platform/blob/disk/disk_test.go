package disk_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/blob/blobtest"
	"github.com/fiapx/fiapx/platform/blob/disk"
)

func open(t *testing.T, dir string) *disk.Store {
	t.Helper()
	s, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// files returns every path below dir but the staging folder itself.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); rel != "." && rel != ".staging" {
			found = append(found, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestContract(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, filepath.Join(t.TempDir(), "new", "folder")) })
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	blobtest.Put(t, s, "a/b/c", []byte("x"))
	if _, err := s.Delete(t.Context(), "a/b/c"); err != nil {
		t.Fatal(err)
	}
	w, err := s.Create(t.Context(), "d/e")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	blobtest.Put(t, open(t, dir), "a/b", []byte("x"))
	for path, want := range map[string]os.FileMode{"a": 0o700, "a/b": 0o600, ".staging": 0o700} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}

func TestReaderLendsItsFile(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	blobtest.Put(t, s, "a", []byte("content"))
	r, err := s.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	f := r.(interface{ File() *os.File }).File()
	if _, err := s.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(io.NewSectionReader(f, 0, r.Info().Size))
	if err != nil || string(content) != "content" {
		t.Errorf("read %q, %v", content, err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	blobtest.Put(t, s, "kept", []byte("x"))
	for range 2 { // two uploads whose process has died
		if _, err := s.Create(t.Context(), "lost"); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("removed %d young files, %v", n, err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 2 || err != nil {
		t.Errorf("removed %d, %v, want 2", n, err)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("left %v, want only the object", left)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	used, total, err := open(t, t.TempDir()).Usage(t.Context())
	if err != nil || used <= 0 || total <= used {
		t.Errorf("used %d of %d, %v", used, total, err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(file); err == nil || !strings.Contains(err.Error(), "storage folder") {
		t.Errorf("got %v", err)
	}
}
