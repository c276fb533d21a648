package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Storage keeps uploads and archives. Safe for concurrent use.
type Storage interface {
	Create(ctx context.Context, key string) (domain.Sink, error)
	// Open returns domain.ErrResultGone for a missing key.
	Open(ctx context.Context, key string) (domain.Content, int64, error)
	// Delete is idempotent and returns the bytes freed.
	Delete(ctx context.Context, key string) (int64, error)
	List(ctx context.Context, prefix string, visit func(domain.Stored) error) error
	// Usage gives a total of 0 where the storage has no bound.
	Usage(ctx context.Context) (used, total int64, err error)
}
