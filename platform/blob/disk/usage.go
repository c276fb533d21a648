//go:build linux || darwin

package disk

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// Usage is part of blob.Store. It is the file system's, as df shows it: what is reserved for root is not ours to fill.
func (s *Store) Usage(context.Context) (used, total int64, err error) {
	dir, err := s.root.Open(".")
	if err != nil {
		return 0, 0, fmt.Errorf("read the storage usage: %w", err)
	}
	defer func() { _ = dir.Close() }()
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &st); err != nil {
		return 0, 0, fmt.Errorf("read the storage usage: %w", err)
	}
	block := int64(st.Bsize) //nolint:unconvert // its type differs between systems
	used = int64(st.Blocks-st.Bfree) * block
	return used, used + int64(st.Bavail)*block, nil
}
