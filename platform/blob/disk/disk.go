// Package disk is a blob.Store in a folder of this machine, or in one that several machines mount. Objects are plain
// files below it, under their keys; what is not committed yet lies in its .staging folder under random names, so that
// a reader never sees half an object and a crash leaves nothing but a file there, which Sweep removes.
//
// All access goes through os.Root: no key and no symbolic link leads out of the folder. Do not put objects of other
// programs into it.
package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"

	"github.com/fiapx/fiapx/platform/blob"
)

// Objects are videos of people: nobody else on the machine may read them.
const (
	fileMode = 0o600
	dirMode  = 0o700
)

// Store implements blob.Store.
type Store struct {
	root *os.Root
}

var _ blob.Store = (*Store)(nil)

// Open opens the folder, creating it where it is missing. Close ends it.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("create the storage folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the storage folder: %w", err)
	}
	if err := root.Mkdir(staging, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		_ = root.Close()
		return nil, fmt.Errorf("create the staging folder in %s; check that it is writable: %w", dir, err)
	}
	return &Store{root: root}, nil
}

// Close releases the folder; readers that are open stay usable.
func (s *Store) Close() error { return s.root.Close() }

// Open is part of blob.Store. The reader has File() *os.File.
func (s *Store) Open(_ context.Context, key string) (blob.Reader, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, err
	}
	// Looking first keeps pipes and devices, which someone may have put there, from blocking or acting on an open.
	if info, err := s.root.Lstat(key); err != nil || !info.Mode().IsRegular() {
		return nil, missing(err)
	}
	f, err := s.root.OpenFile(key, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, missing(err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, missing(err)
	}
	return &reader{file: f, info: describe(key, info)}, nil
}

// Stat is part of blob.Store.
func (s *Store) Stat(_ context.Context, key string) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	info, err := s.root.Lstat(key)
	if err != nil || !info.Mode().IsRegular() {
		return blob.Info{}, missing(err)
	}
	return describe(key, info), nil
}

// Delete is part of blob.Store. Folders that become empty go as well.
func (s *Store) Delete(_ context.Context, key string) (int64, error) {
	if err := blob.CheckKey(key); err != nil {
		return 0, err
	}
	info, err := s.root.Lstat(key)
	if absent(err) || err == nil && info.IsDir() {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("delete %s: %w", key, err)
	}
	if err := s.root.Remove(key); err != nil {
		if absent(err) { // someone else was faster, and freed the bytes
			return 0, nil
		}
		return 0, fmt.Errorf("delete %s: %w", key, err)
	}
	s.prune(path.Dir(key))
	return info.Size(), nil
}

// prune removes dir and its parents while they are empty; the system refuses to remove one that is not.
func (s *Store) prune(dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		if s.root.Remove(dir) != nil {
			return
		}
	}
}

func describe(key string, info fs.FileInfo) blob.Info {
	return blob.Info{Key: key, Size: info.Size(), Modified: info.ModTime()}
}

// absent also covers a key below another key, whose "folder" is a file.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// missing is the error for a key without a regular file: nil means that something else is there.
func missing(err error) error {
	if err == nil || absent(err) {
		return blob.ErrNotFound.Because(err)
	}
	return err
}
