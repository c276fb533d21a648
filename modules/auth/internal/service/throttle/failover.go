package throttle

import (
	"context"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/platform/cache"
)

// failover answers from the process's own memory while the shared cache fails. Counts then differ between processes,
// which loosens the limits by as many times as there are processes and no more.
type failover struct {
	shared, local cache.Cache
	log           *slog.Logger
}

var _ cache.Cache = (*failover)(nil)

func (f *failover) warn(ctx context.Context, err error) {
	if ctx.Err() == nil {
		f.log.WarnContext(ctx, "attempts counted locally, the cache failed", "err", err)
	}
}

// Get reads where a value would have been stored: what was blocked locally during a failure is forgotten after it.
func (f *failover) Get(ctx context.Context, key string) ([]byte, bool, error) {
	value, ok, err := f.shared.Get(ctx, key)
	if err != nil {
		f.warn(ctx, err)
		return f.local.Get(ctx, key)
	}
	return value, ok, nil
}

// GetMany reads where the values would have been stored.
func (f *failover) GetMany(ctx context.Context, keys ...string) ([][]byte, error) {
	values, err := f.shared.GetMany(ctx, keys...)
	if err != nil {
		f.warn(ctx, err)
		return f.local.GetMany(ctx, keys...)
	}
	return values, nil
}

// Set stores where the shared cache would be looked up.
func (f *failover) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := f.shared.Set(ctx, key, value, ttl); err != nil {
		f.warn(ctx, err)
		return f.local.Set(ctx, key, value, ttl)
	}
	return nil
}

// SetNX stores where the shared cache would be looked up.
func (f *failover) SetNX(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	stored, err := f.shared.SetNX(ctx, key, value, ttl)
	if err != nil {
		f.warn(ctx, err)
		return f.local.SetNX(ctx, key, value, ttl)
	}
	return stored, nil
}

// Increment counts in one place or the other.
func (f *failover) Increment(ctx context.Context, key string, ttl time.Duration) (int64, time.Duration, error) {
	n, left, err := f.shared.Increment(ctx, key, ttl)
	if err != nil {
		f.warn(ctx, err)
		return f.local.Increment(ctx, key, ttl)
	}
	return n, left, nil
}

// Raise stores where the shared cache would be looked up.
func (f *failover) Raise(ctx context.Context, key string, n int64, ttl time.Duration) error {
	if err := f.shared.Raise(ctx, key, n, ttl); err != nil {
		f.warn(ctx, err)
		return f.local.Raise(ctx, key, n, ttl)
	}
	return nil
}

// Delete forgets in both, whatever the shared cache says.
func (f *failover) Delete(ctx context.Context, keys ...string) error {
	if err := f.shared.Delete(ctx, keys...); err != nil {
		f.warn(ctx, err)
	}
	return f.local.Delete(ctx, keys...)
}

// Ping is the shared cache's.
func (f *failover) Ping(ctx context.Context) error { return f.shared.Ping(ctx) }
