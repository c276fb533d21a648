package redis

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// restTime is how long a Redis that failed is left alone. Without it every request would wait for the timeout while Redis is
// slow; with it one request a second does.
const restTime = time.Second

var errResting = errors.New("redis failed less than a second ago and is left alone")

// rest remembers the last failure. Its first user after the pause asks Redis, the others still go without it until that
// one knows.
type rest struct {
	now func() time.Time

	mu    sync.Mutex
	until time.Time // zero while all is well
}

// err is nil for those who may ask Redis.
func (r *rest) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if r.until.IsZero() {
		return nil
	}
	if now.Before(r.until) {
		return errResting
	}
	r.until = now.Add(restTime)
	return nil
}

// learn notes how a call ended. That a caller lost patience, or that Redis refused one command, says nothing of the rest.
func (r *rest) learn(ctx context.Context, err error) {
	var reply redis.Error
	answered := err == nil || errors.As(err, &reply)
	if !answered && errors.Is(context.Cause(ctx), context.Canceled) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if answered {
		r.until = time.Time{}
		return
	}
	r.until = r.now().Add(restTime)
}

// silence drops what the library would write to standard error; every failure reaches the caller as an error.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

var quiet = sync.OnceFunc(func() { redis.SetLogger(silence{}) })
