// Package cache is the port for small, short-lived, shared facts: revoked tokens, rate counters, live progress.
// memory serves one process, redis many; cachetest is the contract that both pass. Losing the cache must never lose work.
package cache

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// ErrUnavailable says that the cache did not answer or has no room.
var ErrUnavailable = fault.New(fault.Unavailable, "cache.unavailable", "A part of the service is not available; try again in a moment.")

// ErrTTL says that a time to live was not positive, which is a mistake of the caller.
var ErrTTL = fault.New(fault.Internal, "cache.ttl", "Something went wrong on our side; try again, and report the request id if it persists.")

// CheckTTL returns ErrTTL for a ttl that is not positive.
func CheckTTL(ttl time.Duration) error {
	if ttl <= 0 {
		return ErrTTL
	}
	return nil
}

// MaxNumber is the greatest number that every implementation can compare exactly: Redis scripts count in float64.
const MaxNumber = 1 << 53

// Cache is safe for concurrent use. Failures are ErrUnavailable; callers decide whether to fail open or closed. Values
// are the caller's and the cache's own copies: changing one later does not change the other.
type Cache interface {
	// Get returns ok=false for a missing or expired key.
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	// GetMany is Get of several keys in one round trip: one value for each key, in their order, nil where Get has ok=false.
	GetMany(ctx context.Context, keys ...string) (values [][]byte, err error)
	// Set stores value until ttl has passed; ttl must be positive.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// SetNX stores only if the key is absent and says whether it did; one caller of many wins.
	SetNX(ctx context.Context, key string, value []byte, ttl time.Duration) (stored bool, err error)
	// Increment adds one and returns the new count; the first increment starts the ttl, later ones do not extend it.
	// remaining is the time until the count starts anew. A key serves one of Set, Increment and Raise, never two.
	Increment(ctx context.Context, key string, ttl time.Duration) (count int64, remaining time.Duration, err error)
	// Raise stores n, in decimal, unless the key holds a greater number already; of concurrent calls the greatest wins. Either
	// way the key then lives for at least ttl, and never shorter than it would have. n is 0 to MaxNumber.
	Raise(ctx context.Context, key string, n int64, ttl time.Duration) error
	// Delete is idempotent.
	Delete(ctx context.Context, keys ...string) error
	// Ping tells whether the cache answers.
	Ping(ctx context.Context) error
}
