// Package cachetest is the contract of cache.Cache as tests: every implementation passes Run. Only tests may import it.
package cachetest

import (
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fiapx/fiapx/platform/cache"
)

// Subject is a cache under test. Advance moves its clock; without it the contract waits in real time, with short ttls.
type Subject struct {
	Cache   cache.Cache
	Advance func(d time.Duration)
}

const (
	long    = time.Hour
	patient = 10 * time.Second // how long polling goes on before it gives up
)

// Run checks the contract against caches that open makes: empty ones, each used by one subtest.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Subject){
		"set and get":          setAndGet,
		"values are copies":    valuesAreCopies,
		"set expires":          setExpires,
		"set again":            setAgain,
		"setnx":                setNX,
		"setnx has one winner": setNXHasOneWinner,
		"increment":            increment,
		"increment counts all": incrementCountsAll,
		"get many":             getMany,
		"raise":                raise,
		"raise lives longer":   raiseLivesLonger,
		"greatest raise wins":  greatestRaiseWins,
		"delete":               deleteKeys,
		"ttl must be positive": positiveTTL,
		"ping":                 ping,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// short is a ttl that can be waited for.
func (s Subject) short() time.Duration {
	if s.Advance != nil {
		return time.Minute
	}
	return 300 * time.Millisecond
}

// wait lets d pass, then polls until ok: an implementation may be a little late, never early.
func (s Subject) wait(t *testing.T, d time.Duration, what string, ok func() bool) {
	t.Helper()
	if s.Advance != nil {
		s.Advance(d)
		if !ok() {
			t.Errorf("%s: not so after %v", what, d)
		}
		return
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patient); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not so after %v", what, patient)
		}
	}
}

func (s Subject) set(t *testing.T, key, value string, ttl time.Duration) {
	t.Helper()
	if err := s.Cache.Set(t.Context(), key, []byte(value), ttl); err != nil {
		t.Fatalf("set %s: %v", key, err)
	}
}

func (s Subject) get(t *testing.T, key string) (string, bool) {
	t.Helper()
	value, ok, err := s.Cache.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	return string(value), ok
}

func (s Subject) want(t *testing.T, key, value string) {
	t.Helper()
	if got, ok := s.get(t, key); !ok || got != value {
		t.Errorf("%s holds %q (%v), want %q", key, got, ok, value)
	}
}

func (s Subject) wantNone(t *testing.T, key string) {
	t.Helper()
	if got, ok := s.get(t, key); ok {
		t.Errorf("%s holds %q, want nothing", key, got)
	}
}

// together runs call from many goroutines and waits for all of them.
func together(t *testing.T, n int, call func() error) {
	t.Helper()
	var g errgroup.Group
	for range n {
		g.Go(call)
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func setNXHasOneWinner(t *testing.T, s Subject) {
	var winners atomic.Int32
	together(t, 32, func() error {
		stored, err := s.Cache.SetNX(t.Context(), "k", []byte("v"), long)
		if stored {
			winners.Add(1)
		}
		return err
	})
	if n := winners.Load(); n != 1 {
		t.Errorf("%d callers won, want 1", n)
	}
}

func incrementCountsAll(t *testing.T, s Subject) {
	var highest atomic.Int64
	together(t, 32, func() error {
		n, _, err := s.Cache.Increment(t.Context(), "k", long)
		for old := highest.Load(); n > old && !highest.CompareAndSwap(old, n); old = highest.Load() {
			continue
		}
		return err
	})
	if n := highest.Load(); n != 32 {
		t.Errorf("counted %d, want 32", n)
	}
}

func greatestRaiseWins(t *testing.T, s Subject) {
	var next atomic.Int64
	together(t, 32, func() error { return s.Cache.Raise(t.Context(), "k", next.Add(1), long) })
	s.want(t, "k", "32")
}
