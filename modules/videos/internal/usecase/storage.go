package usecase

import (
	"context"
	"io"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Sink collects one stored file. After Commit it is durable and visible; after Abort nothing is left of it.
type Sink interface {
	io.Writer
	Commit(ctx context.Context) error
	Abort() error
}

// Stored is one file of the storage.
type Stored struct {
	Key      string
	Size     int64
	Modified time.Time
}

// Storage keeps uploads and archives. Safe for concurrent use.
type Storage interface {
	Create(ctx context.Context, key string) (Sink, error)
	// Open returns domain.ErrResultGone for a missing key.
	Open(ctx context.Context, key string) (domain.Content, int64, error)
	// Delete is idempotent and returns the bytes freed.
	Delete(ctx context.Context, key string) (int64, error)
	List(ctx context.Context, prefix string, visit func(Stored) error) error
	// Usage gives a total of 0 where the storage has no bound.
	Usage(ctx context.Context) (used, total int64, err error)
}
