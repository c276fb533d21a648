package disk

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/fiapx/fiapx/platform/blob"
)

// List is part of blob.Store. It holds the names of one folder per level, never all keys.
func (s *Store) List(ctx context.Context, prefix string, visit func(blob.Info) error) error {
	folder, err := blob.CheckPrefix(prefix)
	if err != nil {
		return err
	}
	if folder == "" {
		folder = "."
	}
	return s.walk(ctx, folder, visit)
}

func (s *Store) walk(ctx context.Context, dir string, visit func(blob.Info) error) error {
	entries, err := s.readDir(dir)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(sortKey(a), sortKey(b)) })
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		key := path.Join(dir, e.Name())
		switch {
		case blob.CheckKey(key) != nil: // the staging folder, lost+found's like, and whatever is not ours
			continue
		case e.IsDir():
			err = s.walk(ctx, key, visit)
		case e.Type().IsRegular():
			err = s.visit(key, e, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) visit(key string, e fs.DirEntry, visit func(blob.Info) error) error {
	info, err := e.Info()
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list %s: %w", key, err)
	}
	return visit(describe(key, info))
}

func (s *Store) readDir(dir string) ([]fs.DirEntry, error) {
	d, err := s.root.Open(dir)
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	defer func() { _ = d.Close() }()
	entries, err := d.ReadDir(-1)
	if err != nil && !absent(err) {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	return entries, nil
}

// sortKey makes folders sort as their keys do: "a-b/x" < "a.zip" < "a/x".
func sortKey(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// Sweep removes staging files that nobody has written to since before, and returns how many: they are what crashed
// processes left behind. Give a time well before any upload that may still run, a day ago for example.
func (s *Store) Sweep(ctx context.Context, before time.Time) (removed int, err error) {
	entries, err := s.readDir(staging)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) {
			continue // gone meanwhile, or in use
		}
		if err := s.root.Remove(path.Join(staging, e.Name())); err == nil {
			removed++
		} else if !absent(err) {
			return removed, fmt.Errorf("sweep the staging folder: %w", err)
		}
	}
	return removed, nil
}
