//go:build !linux && !darwin

package disk

import (
	"context"

	"github.com/fiapx/fiapx/platform/blob"
)

// Usage is part of blob.Store. On this system it adds up the objects and knows no bound.
func (s *Store) Usage(ctx context.Context) (used, total int64, err error) {
	err = s.List(ctx, "", func(i blob.Info) error {
		used += i.Size
		return nil
	})
	return used, 0, err
}
