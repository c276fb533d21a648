// Package memory is a cache.Cache inside one process. It forgets everything with the process and shares nothing, so it
// serves the all-in-one server and tests, not processes that must agree.
package memory

import (
	"bytes"
	"container/heap"
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/fiapx/fiapx/platform/cache"
)

// Limit is how many entries are kept. Above it the one that would expire first makes room: rate counters live for
// seconds and are easy to create from outside, revoked tokens live longer and must not be pushed out by them.
const Limit = 200_000

var _ cache.Cache = (*Cache)(nil)

// Cache implements cache.Cache.
type Cache struct {
	now   func() time.Time
	limit int

	mu      sync.Mutex
	entries map[string]*entry
	queue   expiryQueue
}

type entry struct {
	key     string
	value   []byte
	count   int64
	expires time.Time
	index   int // in the queue
}

// read returns a copy. A number reads as its digits, as it does in Redis.
func (e *entry) read() []byte {
	if e.value == nil {
		return strconv.AppendInt(nil, e.count, 10)
	}
	return bytes.Clone(e.value)
}

// New returns an empty cache of at most Limit entries that reads the clock from now.
func New(now func() time.Time) *Cache { return NewLimited(now, Limit) }

// NewLimited is New with another limit, which must be positive.
func NewLimited(now func() time.Time, limit int) *Cache {
	return &Cache{now: now, limit: limit, entries: map[string]*entry{}}
}

// Get is part of cache.Cache.
func (c *Cache) Get(_ context.Context, key string) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.live(key, c.now())
	if e == nil {
		return nil, false, nil
	}
	return e.read(), true, nil
}

// GetMany is part of cache.Cache.
func (c *Cache) GetMany(_ context.Context, keys ...string) ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, values := c.now(), make([][]byte, len(keys))
	for i, key := range keys {
		if e := c.live(key, now); e != nil {
			values[i] = e.read()
		}
	}
	return values, nil
}

// Set is part of cache.Cache.
func (c *Cache) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.remove(key)
	c.add(&entry{key: key, value: own(value), expires: now.Add(ttl)}, now)
	return nil
}

// SetNX is part of cache.Cache.
func (c *Cache) SetNX(_ context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := cache.CheckTTL(ttl); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.live(key, now) != nil {
		return false, nil
	}
	c.add(&entry{key: key, value: own(value), expires: now.Add(ttl)}, now)
	return true, nil
}

// Increment is part of cache.Cache.
func (c *Cache) Increment(_ context.Context, key string, ttl time.Duration) (int64, time.Duration, error) {
	if err := cache.CheckTTL(ttl); err != nil {
		return 0, 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	e := c.live(key, now)
	if e == nil {
		e = &entry{key: key, expires: now.Add(ttl)}
		c.add(e, now)
	}
	e.count++
	return e.count, e.expires.Sub(now), nil
}

// Raise is part of cache.Cache.
func (c *Cache) Raise(_ context.Context, key string, n int64, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	next := &entry{key: key, count: n, expires: now.Add(ttl)}
	if e := c.live(key, now); e != nil {
		next.count = max(n, e.count)
		if e.expires.After(next.expires) {
			next.expires = e.expires
		}
		c.remove(key)
	}
	c.add(next, now)
	return nil
}

// Delete is part of cache.Cache.
func (c *Cache) Delete(_ context.Context, keys ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range keys {
		c.remove(key)
	}
	return nil
}

// Ping is part of cache.Cache; memory always answers.
func (c *Cache) Ping(context.Context) error { return nil }

// Len is the number of entries held, expired ones included.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

// live returns the entry of key unless it has expired, in which case it is dropped.
func (c *Cache) live(key string, now time.Time) *entry {
	e, ok := c.entries[key]
	if ok && !now.Before(e.expires) {
		c.remove(key)
		return nil
	}
	return e
}

// add stores an entry whose key is absent, after dropping what has expired: so the map shrinks again without a
// goroutine that would need an owner.
func (c *Cache) add(e *entry, now time.Time) {
	for len(c.queue) > 0 && (!now.Before(c.queue[0].expires) || len(c.queue) >= c.limit) {
		c.remove(c.queue[0].key)
	}
	c.entries[e.key] = e
	heap.Push(&c.queue, e)
}

func (c *Cache) remove(key string) {
	if e, ok := c.entries[key]; ok {
		heap.Remove(&c.queue, e.index)
		delete(c.entries, key)
	}
}

// own copies value and keeps an empty one apart from a counter's nil.
func own(value []byte) []byte { return append(make([]byte, 0, len(value)), value...) }
