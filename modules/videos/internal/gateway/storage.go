package gateway

import (
	"context"
	"errors"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/blob"
)

// Storage is the blob store as the use cases see it. Safe for concurrent use.
type Storage struct{ Blobs blob.Store }

type sink struct{ blob.Writer }

func (s sink) Commit(ctx context.Context) error {
	_, err := s.Writer.Commit(ctx)
	return err
}

// Create starts a file.
func (s Storage) Create(ctx context.Context, key string) (domain.Sink, error) {
	w, err := s.Blobs.Create(ctx, key)
	if err != nil {
		return nil, err
	}
	return sink{w}, nil
}

// Open returns domain.ErrResultGone for a missing key.
func (s Storage) Open(ctx context.Context, key string) (domain.Content, int64, error) {
	r, err := s.Blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, 0, domain.ErrResultGone.Because(err)
	}
	if err != nil {
		return nil, 0, err
	}
	return r, r.Info().Size, nil
}

// Delete is idempotent and returns the bytes freed.
func (s Storage) Delete(ctx context.Context, key string) (int64, error) {
	return s.Blobs.Delete(ctx, key)
}

// List visits the files below prefix.
func (s Storage) List(ctx context.Context, prefix string, visit func(domain.Stored) error) error {
	return s.Blobs.List(ctx, prefix, func(i blob.Info) error {
		return visit(domain.Stored{Key: i.Key, Size: i.Size, Modified: i.Modified})
	})
}

// Usage tells how full the storage is.
func (s Storage) Usage(ctx context.Context) (used, total int64, err error) { return s.Blobs.Usage(ctx) }
