// Package redis is a cache.Cache in a Redis (or a server that speaks its protocol), shared by all processes of a deployment.
// It needs one primary: keys of one call may lie anywhere, so a sharded cluster refuses them. Counts and comparisons happen
// inside Redis, so that any number of processes agree. What becomes of a request while Redis fails is the callers' rule.
package redis

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/fiapx/fiapx/platform/cache"
)

// Cache implements cache.Cache. Make one with Open and end it with Close.
type Cache struct {
	client *redis.Client
	prefix string
	rest   rest
}

var _ cache.Cache = (*Cache)(nil)

// Open makes a cache that connects when it is first used: a Redis that is away at the start is no reason not to start.
func Open(cfg Config, now func() time.Time) (*Cache, error) {
	o, err := cfg.options()
	if err != nil {
		return nil, err
	}
	quiet()
	return &Cache{client: redis.NewClient(o), prefix: cfg.Prefix, rest: rest{now: now}}, nil
}

// Close ends all connections.
func (c *Cache) Close() error { return c.client.Close() }

// Get is part of cache.Cache.
func (c *Cache) Get(ctx context.Context, key string) (value []byte, ok bool, err error) {
	err = c.call(ctx, func() error {
		value, err = c.client.Get(ctx, c.prefix+key).Bytes()
		return err
	})
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	return value, err == nil, err
}

// GetMany is part of cache.Cache.
func (c *Cache) GetMany(ctx context.Context, keys ...string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	if len(keys) == 0 {
		return values, nil
	}
	var got []any
	err := c.call(ctx, func() (err error) {
		got, err = c.client.MGet(ctx, c.names(keys)...).Result()
		return err
	})
	for i, v := range got {
		if s, ok := v.(string); ok {
			values[i] = []byte(s)
		}
	}
	return values, err
}

// Set is part of cache.Cache.
func (c *Cache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	return c.call(ctx, func() error { return c.client.Set(ctx, c.prefix+key, value, atLeastOne(ttl)).Err() })
}

// SetNX is part of cache.Cache.
func (c *Cache) SetNX(ctx context.Context, key string, value []byte, ttl time.Duration) (stored bool, err error) {
	if err := cache.CheckTTL(ttl); err != nil {
		return false, err
	}
	err = c.call(ctx, func() error {
		return c.client.SetArgs(ctx, c.prefix+key, value, redis.SetArgs{Mode: "NX", TTL: atLeastOne(ttl)}).Err()
	})
	if errors.Is(err, redis.Nil) { // there already
		return false, nil
	}
	return err == nil, err
}

// A count without an end would lock somebody out for ever, so one that lost its ttl gets another.
var increment = redis.NewScript(`
local n = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {n, left}`)

// Increment is part of cache.Cache.
func (c *Cache) Increment(ctx context.Context, key string, ttl time.Duration) (count int64, remaining time.Duration, err error) {
	if err := cache.CheckTTL(ttl); err != nil {
		return 0, 0, err
	}
	var got []int64
	err = c.call(ctx, func() error {
		got, err = increment.Run(ctx, c.client, []string{c.prefix + key}, atLeastOne(ttl).Milliseconds()).Int64Slice()
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	// A window that ends within this millisecond has not ended yet.
	return got[0], max(time.Millisecond, time.Duration(got[1])*time.Millisecond), nil
}

var raise = redis.NewScript(`
local old = redis.call('GET', KEYS[1])
local ttl = math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1]))
if not old or tonumber(old) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ttl)
else
  redis.call('PEXPIRE', KEYS[1], ttl)
end
return 1`)

// Raise is part of cache.Cache.
func (c *Cache) Raise(ctx context.Context, key string, n int64, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	return c.call(ctx, func() error {
		return raise.Run(ctx, c.client, []string{c.prefix + key}, strconv.FormatInt(n, 10), atLeastOne(ttl).Milliseconds()).Err()
	})
}

// Delete is part of cache.Cache.
func (c *Cache) Delete(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	return c.call(ctx, func() error { return c.client.Del(ctx, c.names(keys)...).Err() })
}

// Ping is part of cache.Cache. It asks Redis even while the other calls leave it alone.
func (c *Cache) Ping(ctx context.Context) error {
	err := c.client.Ping(ctx).Err()
	c.rest.learn(ctx, err)
	return unavailable(err)
}

// Policy is what Redis does when its memory is full, such as noeviction. Empty where it does not tell.
func (c *Cache) Policy(ctx context.Context) (string, error) {
	info, err := c.client.Info(ctx, "memory").Result()
	for line := range strings.Lines(info) {
		if policy, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); ok {
			return policy, nil
		}
	}
	return "", unavailable(err)
}

// call does one round trip. redis.Nil, which says that a key is absent, passes as it is.
func (c *Cache) call(ctx context.Context, do func() error) error {
	if err := c.rest.err(); err != nil {
		return unavailable(err)
	}
	err := do()
	c.rest.learn(ctx, err)
	return unavailable(err)
}

func unavailable(err error) error {
	if err == nil || errors.Is(err, redis.Nil) {
		return err
	}
	return cache.ErrUnavailable.Because(err)
}

func (c *Cache) names(keys []string) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = c.prefix + key
	}
	return names
}

// atLeastOne is the ttl in the whole milliseconds that Redis counts in, rounded up.
func atLeastOne(ttl time.Duration) time.Duration {
	return (ttl + time.Millisecond - 1).Truncate(time.Millisecond)
}
