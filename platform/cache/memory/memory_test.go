package memory_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/platform/cache/cachetest"
	"github.com/fiapx/fiapx/platform/cache/memory"
)

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func TestContract(t *testing.T) {
	t.Parallel()
	cachetest.Run(t, func(*testing.T) cachetest.Subject {
		c := newClock()
		return cachetest.Subject{Cache: memory.New(c.now), Advance: c.advance}
	})
}

// The same contract in real time, as a networked cache will run it.
func TestContractInRealTime(t *testing.T) {
	t.Parallel()
	cachetest.Run(t, func(*testing.T) cachetest.Subject {
		return cachetest.Subject{Cache: memory.New(time.Now)}
	})
}

func TestExpiredEntriesMakeRoom(t *testing.T) {
	t.Parallel()
	clk := newClock()
	c := memory.NewLimited(clk.now, 1000)
	for round := range 5 {
		for i := range 100 {
			if err := c.Set(t.Context(), fmt.Sprintf("%d/%d", round, i), nil, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		clk.advance(time.Minute)
	}
	if _, _, err := c.Increment(t.Context(), "n", time.Minute); err != nil {
		t.Fatal(err)
	}
	if n := c.Len(); n != 1 {
		t.Errorf("holds %d entries, want only the live one", n)
	}
}

// A flood of rate counters must not make the process forget who has been logged out.
func TestLimitDropsWhatExpiresFirst(t *testing.T) {
	t.Parallel()
	c := memory.NewLimited(newClock().now, 10)
	if err := c.Set(t.Context(), "revoked", []byte("x"), time.Hour); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		n, _, err := c.Increment(t.Context(), fmt.Sprint("ip", i), time.Minute)
		if n != 1 || err != nil {
			t.Fatalf("counted %d, %v", n, err)
		}
	}
	if _, ok, err := c.Get(t.Context(), "revoked"); !ok || err != nil {
		t.Errorf("the long-lived entry has gone (%v)", err)
	}
	if n := c.Len(); n != 10 {
		t.Errorf("holds %d entries, want 10", n)
	}
}
