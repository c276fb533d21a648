package redis_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/fiapx/fiapx/platform/cache"
	"github.com/fiapx/fiapx/platform/cache/cachetest"
	"github.com/fiapx/fiapx/platform/cache/redis"
	"github.com/fiapx/fiapx/platform/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings are those of a Redis that tests may use, with keys of this test alone.
func settings(t *testing.T) redis.Config {
	t.Helper()
	url := os.Getenv("FIAPX_TEST_REDIS") //nolint:forbidigo // where the servers of the tests are is told to tests alone
	if url == "" {
		t.Skip("FIAPX_TEST_REDIS is not set: ./tools/test starts a Redis and sets it")
	}
	return redis.Config{URL: config.Secret(url), Prefix: "test:" + uuid.NewString() + ":", Timeout: 5 * time.Second, Conns: 20}
}

func open(t *testing.T, cfg redis.Config, now func() time.Time) *redis.Cache {
	t.Helper()
	c, err := redis.Open(cfg, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestContract(t *testing.T) {
	t.Parallel()
	settings(t)
	cachetest.Run(t, func(t *testing.T) cachetest.Subject {
		t.Helper()
		return cachetest.Subject{Cache: open(t, settings(t), time.Now)}
	})
}

// A count whose end got lost, as after a restore, must not stay for ever.
func TestCountWithoutAnEndGetsOne(t *testing.T) {
	t.Parallel()
	cfg := settings(t)
	c := open(t, cfg, time.Now)
	if err := admin(t, cfg).Set(t.Context(), cfg.Prefix+"k", "41", 0).Err(); err != nil {
		t.Fatal(err)
	}
	n, remaining, err := c.Increment(t.Context(), "k", time.Minute)
	if n != 42 || remaining <= 0 || remaining > time.Minute || err != nil {
		t.Errorf("got %d, %v, %v; want 42 that ends within a minute", n, remaining, err)
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	policy, err := open(t, settings(t), time.Now).Policy(t.Context())
	if err != nil || !strings.HasPrefix(policy, "noeviction") {
		t.Errorf("got %q, %v, want noeviction, which is Redis's default", policy, err)
	}
}

// nowhere is the address of a port that was free a moment ago.
func nowhere(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestRedisThatIsAway(t *testing.T) {
	t.Parallel()
	c := open(t, redis.Config{URL: config.Secret("redis://" + nowhere(t)), Timeout: time.Second, Conns: 1}, time.Now)
	_, _, errGet := c.Get(t.Context(), "k")
	_, errMany := c.GetMany(t.Context(), "k")
	_, errNX := c.SetNX(t.Context(), "k", nil, time.Second)
	_, _, errInc := c.Increment(t.Context(), "k", time.Second)
	for call, err := range map[string]error{
		"get": errGet, "get many": errMany, "setnx": errNX, "increment": errInc, "ping": c.Ping(t.Context()),
		"set": c.Set(t.Context(), "k", nil, time.Second), "raise": c.Raise(t.Context(), "k", 1, time.Second), "delete": c.Delete(t.Context(), "k"),
	} {
		if !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("%s: got %v, want ErrUnavailable", call, err)
		}
	}
}

// A Redis that takes connections and never answers costs one caller a second its timeout, and the others nothing.
func TestSlowRedisIsLeftAlone(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	now := time.Now()
	const timeout = 50 * time.Millisecond
	c := open(t, redis.Config{URL: config.Secret("redis://" + l.Addr().String()), Timeout: timeout, Conns: 2}, func() time.Time { return now })
	waits := func() bool {
		begin := time.Now()
		if _, _, err := c.Get(t.Context(), "k"); !errors.Is(err, cache.ErrUnavailable) {
			t.Fatalf("got %v, want ErrUnavailable", err)
		}
		return time.Since(begin) >= timeout
	}
	for i, want := range []bool{true, false, false} {
		if got := waits(); got != want {
			t.Errorf("call %d waited: %v, want %v", i, got, want)
		}
	}
	now = now.Add(time.Second)
	if !waits() || waits() {
		t.Error("want one call to try after a second, and the next one to fail at once again")
	}
}

func TestBackAfterFailure(t *testing.T) {
	t.Parallel()
	cfg := settings(t)
	now := time.Now()
	proxy := relay(t, strings.TrimPrefix(strings.SplitN(cfg.URL.Reveal(), "@", 2)[0], "redis://"), nil)
	cfg.URL, cfg.Timeout = config.Secret("redis://"+proxy.addr), time.Second
	c := open(t, cfg, func() time.Time { return now })
	set := func() error { return c.Set(t.Context(), "k", []byte("v"), time.Minute) }
	if err := set(); err != nil {
		t.Fatal(err)
	}
	proxy.cut()
	if err := set(); !errors.Is(err, cache.ErrUnavailable) {
		t.Fatalf("got %v while Redis is cut off, want ErrUnavailable", err)
	}
	proxy.restore(t)
	if err := set(); !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("got %v within the pause, want ErrUnavailable", err)
	}
	now = now.Add(2 * time.Second)
	if err := set(); err != nil {
		t.Errorf("not back: %v", err)
	}
}

// A caller that lost patience says nothing of Redis: the next one is served.
func TestImpatientCallerHarmsNobody(t *testing.T) {
	t.Parallel()
	c := open(t, settings(t), time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := c.Get(ctx, "k"); !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if _, _, err := c.Get(t.Context(), "k"); err != nil {
		t.Error(err)
	}
}
