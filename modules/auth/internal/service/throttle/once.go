package throttle

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/platform/cache"
)

// Once returns a function that is true at most once per key and pause, for all processes over the cache together. While the
// cache is down it is true always: what it guards is a log, which had better be too long than too short.
func Once(shared cache.Cache, pause time.Duration) func(ctx context.Context, key string) bool {
	return func(ctx context.Context, key string) bool {
		first, err := shared.SetNX(ctx, "auth:once:"+key, []byte("1"), pause)
		return first || err != nil
	}
}
