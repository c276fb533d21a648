package disk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"

	"github.com/fiapx/fiapx/platform/blob"
)

// staging cannot be part of a key, whose elements never begin with a dot.
const staging = ".staging"

// renames bounds the attempts against Delete, which removes empty folders that a commit has just made.
const renames = 10

var errDone = fmt.Errorf("the object has been committed or aborted: %w", fs.ErrClosed)

// Create is part of blob.Store.
func (s *Store) Create(ctx context.Context, key string) (blob.Writer, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name := path.Join(staging, rand.Text())
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, full(err)
	}
	return &writer{store: s, key: key, staged: name, file: f}, nil
}

// writer collects one object in a staging file. It is for one goroutine.
type writer struct {
	store       *Store
	key, staged string
	file        *os.File
	broken      error // the first failure, or errDone
}

// Write is part of blob.Writer. After a failure nothing more is taken and the partial file is gone: on a full disk its
// room is needed at once.
func (w *writer) Write(p []byte) (int, error) {
	if w.broken != nil {
		return 0, w.broken
	}
	n, err := w.file.Write(p)
	if err != nil {
		return n, w.discard(full(err))
	}
	return n, nil
}

// Commit is part of blob.Writer. The order makes the object durable before it is visible, and visible for good.
func (w *writer) Commit(ctx context.Context) (blob.Info, error) {
	if w.broken != nil {
		return blob.Info{}, w.broken
	}
	if err := ctx.Err(); err != nil {
		return blob.Info{}, w.discard(err)
	}
	if err := w.file.Sync(); err != nil {
		return blob.Info{}, w.discard(full(err))
	}
	info, err := w.file.Stat()
	if err != nil {
		return blob.Info{}, w.discard(err)
	}
	if err := w.store.publish(w.staged, w.key); err != nil {
		return blob.Info{}, w.discard(full(err))
	}
	w.broken = errDone
	if err := w.file.Close(); err != nil {
		return blob.Info{}, fmt.Errorf("close %s: %w", w.key, err)
	}
	return describe(w.key, info), nil
}

// Abort is part of blob.Writer.
func (w *writer) Abort() error {
	if w.broken == nil {
		_ = w.discard(errDone) // which is not a failure here
	}
	return nil
}

// discard removes the staging file and remembers why; what cannot be removed now is left to Sweep.
func (w *writer) discard(why error) error {
	w.broken = why
	_ = w.file.Close()
	_ = w.store.root.Remove(w.staged)
	return why
}

func (s *Store) publish(staged, key string) error {
	dir := path.Dir(key)
	var err error
	for range renames {
		if err = s.root.MkdirAll(dir, dirMode); err == nil || vanished(err) {
			if err = s.root.Rename(staged, key); err == nil {
				return s.syncUp(dir)
			}
		}
		if !vanished(err) {
			return err
		}
	}
	return err
}

// vanished tells whether a folder may have gone while it was made or used. MkdirAll then answers either way: that there
// is none, or, when it goes after mkdir has found it, that there is one.
func vanished(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist)
}

// syncUp makes the name durable: a name lives in its folder, and the folder's name in its parent.
func (s *Store) syncUp(dir string) error {
	for {
		if err := s.syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

func (s *Store) syncDir(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // a file system that keeps names by itself
	}
	return errors.Join(err, d.Close())
}

// full names the one failure that users can do something about.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return blob.ErrFull.Because(err)
	}
	return err
}
