package throttle_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/service/throttle"
	"github.com/fiapx/fiapx/platform/cache"
	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/fault"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func start() *clock { return &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func limits() throttle.Limits {
	return throttle.Limits{
		Pair: throttle.Limit{Count: 5, Window: 5 * time.Minute}, Account: throttle.Limit{Count: 10, Window: 15 * time.Minute},
		ClientFailures: throttle.Limit{Count: 50, Window: 15 * time.Minute}, ClientAttempts: throttle.Limit{Count: 200, Window: 15 * time.Minute},
		Register: throttle.Limit{Count: 3, Window: time.Hour}, TokenCalls: throttle.Limit{Count: 7, Window: time.Minute},
	}
}

func guard(c *clock) *throttle.Guard {
	shared := memory.New(c.now)
	return throttle.New(shared, memory.New(c.now), limits(), c.now, slog.New(slog.DiscardHandler))
}

func refused(t *testing.T, what string, err error, wait time.Duration) {
	t.Helper()
	if !errors.Is(err, domain.ErrTooManyAttempts) || fault.From(err).RetryAfter != wait {
		t.Errorf("%s: %v, wait %v; want a refusal for %v", what, err, fault.From(err), wait)
	}
}

func allowed(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v; want it allowed", what, err)
	}
}

func TestParallelGuessesDoNotSlipThrough(t *testing.T) {
	t.Parallel()
	g := guard(start())
	var (
		wg sync.WaitGroup
		mu sync.Mutex
		n  int
	)
	for range 50 {
		wg.Go(func() {
			if g.AllowLogin(t.Context(), "ana", "evil") == nil {
				mu.Lock()
				defer mu.Unlock()
				n++
			}
		})
	}
	wg.Wait()
	if n != 5 {
		t.Errorf("%d of 50 parallel guesses were allowed; want 5", n)
	}
}

func TestSuccessForgetsOwnGuesses(t *testing.T) {
	t.Parallel()
	g := guard(start())
	for range 3 {
		for range 5 {
			allowed(t, "attempt", g.AllowLogin(t.Context(), "ana", "home"))
		}
		refused(t, "sixth", g.AllowLogin(t.Context(), "ana", "home"), 5*time.Minute)
		allowed(t, "same client, other account", g.AllowLogin(t.Context(), "bia"+strconv.Itoa(3), "home2"))
		g.LoginSucceeded(t.Context(), "ana", "home")
	}
}

func TestClientIsBlockedAfterManyFailures(t *testing.T) {
	t.Parallel()
	c := start()
	g := guard(c)
	for i := range 50 {
		allowed(t, "attempt", g.AllowClient(t.Context(), "evil"))
		g.LoginFailed(t.Context(), "user"+strconv.Itoa(i), "evil")
	}
	refused(t, "after fifty failures", g.AllowClient(t.Context(), "evil"), 15*time.Minute)
	allowed(t, "another client", g.AllowClient(t.Context(), "good"))
	c.at = c.at.Add(15 * time.Minute)
	allowed(t, "after the window", g.AllowClient(t.Context(), "evil"))
}

func TestClientCeilingCountsSuccessesToo(t *testing.T) {
	t.Parallel()
	g := guard(start())
	for range 200 {
		allowed(t, "attempt", g.AllowClient(t.Context(), "busy"))
	}
	refused(t, "beyond the ceiling", g.AllowClient(t.Context(), "busy"), 15*time.Minute)
}

func TestAccountIsSlowedNeverLocked(t *testing.T) {
	t.Parallel()
	c := start()
	g := guard(c)
	g.LoginSucceeded(t.Context(), "ana", "home")
	fail := func(n int) {
		for range n {
			g.LoginFailed(t.Context(), "ana", "bot"+strconv.Itoa(n))
		}
	}
	fail(9)
	allowed(t, "nine failures", g.AllowLogin(t.Context(), "ana", "new-1"))
	fail(1)
	for want := time.Second; want <= 512*time.Second; want *= 2 {
		refused(t, "stranger", g.AllowLogin(t.Context(), "ana", "new-2"), want)
		allowed(t, "the owner at home", g.AllowLogin(t.Context(), "ana", "home"))
		g.LoginSucceeded(t.Context(), "ana", "home")
		fail(1)
	}
	fail(20)
	refused(t, "stranger, at worst", g.AllowLogin(t.Context(), "ana", "new-2"), 15*time.Minute)
	c.at = c.at.Add(15 * time.Minute)
	allowed(t, "stranger, after the longest delay", g.AllowLogin(t.Context(), "ana", "new-2"))
}

func TestOtherCounters(t *testing.T) {
	t.Parallel()
	g := guard(start())
	for range 3 {
		allowed(t, "register", g.AllowRegister(t.Context(), "ana@example.com", "a"))
	}
	refused(t, "fourth registration", g.AllowRegister(t.Context(), "other@example.com", "a"), time.Hour)
	for range 7 {
		allowed(t, "token call", g.AllowTokenCall(t.Context(), "a"))
	}
	refused(t, "eighth token call", g.AllowTokenCall(t.Context(), "a"), time.Minute)
	for range 5 {
		allowed(t, "password", g.AllowPasswordChange(t.Context(), "id"))
	}
	refused(t, "sixth password", g.AllowPasswordChange(t.Context(), "id"), 5*time.Minute)
	g.PasswordChanged(t.Context(), "id")
	allowed(t, "after a success", g.AllowPasswordChange(t.Context(), "id"))
}

// broken fails like a cache that cannot be reached.
type broken struct{ cache.Cache }

var errDown = errors.New("connection refused")

func (broken) Get(context.Context, string) ([]byte, bool, error) { return nil, false, errDown }

func (broken) Set(context.Context, string, []byte, time.Duration) error { return errDown }

func (broken) Delete(context.Context, ...string) error { return errDown }

func (broken) Increment(context.Context, string, time.Duration) (int64, time.Duration, error) {
	return 0, 0, errDown
}

func TestLimitsHoldWithoutTheCache(t *testing.T) {
	t.Parallel()
	c := start()
	g := throttle.New(broken{}, memory.New(c.now), limits(), c.now, slog.New(slog.DiscardHandler))
	for range 5 {
		allowed(t, "attempt", g.AllowLogin(t.Context(), "ana", "evil"))
	}
	refused(t, "sixth", g.AllowLogin(t.Context(), "ana", "evil"), 5*time.Minute)
	for range 50 {
		g.LoginFailed(t.Context(), "ana", "evil")
	}
	refused(t, "client", g.AllowClient(t.Context(), "evil"), 15*time.Minute)
	g.LoginSucceeded(t.Context(), "ana", "evil")
	allowed(t, "known after a success", g.AllowLogin(t.Context(), "ana", "evil"))
}
