package cachetest

import (
	"errors"
	"testing"
	"time"

	"github.com/fiapx/fiapx/platform/cache"
)

func setAndGet(t *testing.T, s Subject) {
	s.wantNone(t, "k")
	s.set(t, "k", "v", long)
	s.want(t, "k", "v")
	s.wantNone(t, "other")
	s.set(t, "empty", "", long)
	s.want(t, "empty", "")
	s.set(t, "binary", "\x00\xff\r\n", long)
	s.want(t, "binary", "\x00\xff\r\n")
}

func valuesAreCopies(t *testing.T, s Subject) {
	value := []byte("value")
	if err := s.Cache.Set(t.Context(), "k", value, long); err != nil {
		t.Fatal(err)
	}
	value[0] = 'X'
	got, _, err := s.Cache.Get(t.Context(), "k")
	if err != nil || string(got) != "value" {
		t.Fatalf("got %q, %v", got, err)
	}
	got[0] = 'Y'
	s.want(t, "k", "value")
}

func setExpires(t *testing.T, s Subject) {
	s.set(t, "short", "v", s.short())
	s.set(t, "long", "v", long)
	s.want(t, "short", "v")
	s.wait(t, s.short(), "a short-lived value has gone", func() bool {
		_, ok := s.get(t, "short")
		return !ok
	})
	s.want(t, "long", "v")
}

func setAgain(t *testing.T, s Subject) {
	s.set(t, "k", "old", s.short())
	s.set(t, "k", "new", long)
	s.set(t, "sign", "v", s.short())
	s.wait(t, s.short(), "the first ttl has passed", func() bool {
		_, ok := s.get(t, "sign")
		return !ok
	})
	s.want(t, "k", "new")
}

func setNX(t *testing.T, s Subject) {
	try := func(value string, ttl time.Duration) bool {
		t.Helper()
		stored, err := s.Cache.SetNX(t.Context(), "k", []byte(value), ttl)
		if err != nil {
			t.Fatal(err)
		}
		return stored
	}
	if !try("first", s.short()) || try("second", long) {
		t.Error("want only the first one stored")
	}
	s.want(t, "k", "first")
	s.wait(t, s.short(), "the key is free again", func() bool { return try("third", long) })
	s.want(t, "k", "third")
}

func increment(t *testing.T, s Subject) {
	inc := func(ttl time.Duration) (int64, time.Duration) {
		t.Helper()
		n, remaining, err := s.Cache.Increment(t.Context(), "k", ttl)
		if err != nil {
			t.Fatal(err)
		}
		return n, remaining
	}
	ttl := s.short()
	for want := int64(1); want <= 3; want++ {
		// A longer ttl later on must not extend the window.
		n, remaining := inc(ttl * time.Duration(want))
		if n != want || remaining <= 0 || remaining > ttl {
			t.Errorf("counted %d with %v to go, want %d with at most %v", n, remaining, want, ttl)
		}
	}
	s.want(t, "k", "3")
	s.wait(t, ttl, "the count has started anew", func() bool {
		_, ok := s.get(t, "k")
		return !ok
	})
	if n, remaining := inc(long); n != 1 || remaining <= ttl {
		t.Errorf("counted %d with %v to go, want 1 with about %v", n, remaining, long)
	}
}

func getMany(t *testing.T, s Subject) {
	s.set(t, "a", "1", long)
	s.set(t, "empty", "", long)
	s.set(t, "short", "x", s.short())
	if _, _, err := s.Cache.Increment(t.Context(), "n", long); err != nil {
		t.Fatal(err)
	}
	read := func(keys ...string) [][]byte {
		t.Helper()
		values, err := s.Cache.GetMany(t.Context(), keys...)
		if err != nil || len(values) != len(keys) {
			t.Fatalf("get many: %d values of %d, %v", len(values), len(keys), err)
		}
		return values
	}
	values := read("missing", "a", "empty", "n", "a", "short")
	for i, want := range []string{"", "1", "", "1", "1", "x"} {
		if got := values[i]; string(got) != want || (got == nil) != (i == 0) {
			t.Errorf("value %d is %q (nil: %v), want %q", i, got, got == nil, want)
		}
	}
	values[1][0] = 'X'
	s.want(t, "a", "1")
	read()
	s.wait(t, s.short(), "a short-lived value has gone", func() bool { return read("a", "short")[1] == nil })
}

func (s Subject) raise(t *testing.T, n int64, ttl time.Duration) {
	t.Helper()
	if err := s.Cache.Raise(t.Context(), "k", n, ttl); err != nil {
		t.Fatal(err)
	}
}

func raise(t *testing.T, s Subject) {
	for _, step := range []struct {
		n    int64
		want string
	}{{0, "0"}, {9, "9"}, {10, "10"}, {9, "10"}, {cache.MaxNumber - 1, "9007199254740991"}, {cache.MaxNumber, "9007199254740992"}, {cache.MaxNumber - 1, "9007199254740992"}} {
		s.raise(t, step.n, long)
		s.want(t, "k", step.want)
	}
}

func raiseLivesLonger(t *testing.T, s Subject) {
	gone := func() bool { _, ok := s.get(t, "k"); return !ok }
	s.raise(t, 1, s.short())
	s.wait(t, s.short(), "the number has expired", gone)
	s.raise(t, 2, s.short())
	s.raise(t, 1, long) // smaller, but it must be remembered for longer
	s.set(t, "sign", "v", s.short())
	s.wait(t, s.short(), "the first ttl has passed", func() bool { _, ok := s.get(t, "sign"); return !ok })
	s.want(t, "k", "2")
	s.raise(t, 3, s.short()) // greater, but must not be forgotten sooner than what it replaces
	s.set(t, "sign", "v", s.short())
	s.wait(t, s.short(), "the shorter ttl has passed", func() bool { _, ok := s.get(t, "sign"); return !ok })
	s.want(t, "k", "3")
}

func deleteKeys(t *testing.T, s Subject) {
	for _, key := range []string{"a", "b", "c"} {
		s.set(t, key, key, long)
	}
	if err := s.Cache.Delete(t.Context(), "a", "b", "missing"); err != nil {
		t.Fatal(err)
	}
	s.wantNone(t, "a")
	s.wantNone(t, "b")
	s.want(t, "c", "c")
	if err := s.Cache.Delete(t.Context()); err != nil {
		t.Errorf("delete nothing: %v", err)
	}
}

func positiveTTL(t *testing.T, s Subject) {
	for _, ttl := range []time.Duration{0, -time.Second} {
		_, errNX := s.Cache.SetNX(t.Context(), "k", nil, ttl)
		_, _, errInc := s.Cache.Increment(t.Context(), "k", ttl)
		for call, err := range map[string]error{"set": s.Cache.Set(t.Context(), "k", nil, ttl), "setnx": errNX, "increment": errInc, "raise": s.Cache.Raise(t.Context(), "k", 1, ttl)} {
			if !errors.Is(err, cache.ErrTTL) {
				t.Errorf("%s with %v: got %v, want ErrTTL", call, ttl, err)
			}
		}
	}
	s.wantNone(t, "k")
}

func ping(t *testing.T, s Subject) {
	if err := s.Cache.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
