package run_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fiapx/fiapx/platform/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBroken = errors.New("broken")

// journal notes what happens, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

// obedient is a service that ends when it is asked to, and takes its time for it.
func (j *journal) obedient(name string, takes time.Duration) run.Service {
	return run.Service{Name: name, Grace: time.Minute, Run: func(ctx context.Context) error {
		<-ctx.Done()
		j.add(name + " asked")
		<-time.After(takes)
		j.add(name + " stopped")
		return ctx.Err()
	}}
}

// failing is a service that ends by itself after a while.
func failing(name string, after time.Duration, err error) run.Service {
	return run.Service{Name: name, Run: func(ctx context.Context) error {
		select {
		case <-time.After(after):
			return err
		case <-ctx.Done():
			return nil
		}
	}}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// group runs services until after has passed, in the time of a bubble.
func group(t *testing.T, after time.Duration, services ...run.Service) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	return run.Group(ctx, discard(), services...)
}

func TestStopsInReverseOneByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		began := time.Now()
		err := group(t, time.Hour, j.obedient("database", time.Second), j.obedient("worker", 2*time.Second), j.obedient("http", 3*time.Second))
		if err != nil {
			t.Errorf("a clean stop is reported as %v", err)
		}
		want := []string{"http asked", "http stopped", "worker asked", "worker stopped", "database asked", "database stopped"}
		if !slices.Equal(j.lines, want) {
			t.Errorf("stopped as %q, want %q", j.lines, want)
		}
		if took := time.Since(began); took != time.Hour+6*time.Second {
			t.Errorf("took %s; want an hour of work and the stops one after the other", took)
		}
	})
}

func TestStartsInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var j journal
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := run.Group(ctx, slog.New(slog.NewTextHandler(&log, nil)), j.obedient("a", 0), j.obedient("b", 0), j.obedient("c", 0)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(log.String()) {
			_, what, _ := strings.Cut(line, "msg=")
			got = append(got, strings.TrimSpace(what))
		}
		want := []string{
			`"service started" service=a`, `"service started" service=b`, `"service started" service=c`, `stopping services=3`,
			`"service stopped" service=c clean=true`, `"service stopped" service=b clean=true`, `"service stopped" service=a clean=true`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("log is\n%s", log.String())
		}
	})
}

func TestFailureStopsTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		began := time.Now()
		err := group(t, time.Hour, j.obedient("database", 0), failing("worker", time.Minute, errBroken), j.obedient("http", 0))
		if !errors.Is(err, errBroken) || err.Error() != "service worker: broken" {
			t.Errorf("error is %v", err)
		}
		if want := []string{"http asked", "http stopped", "database asked", "database stopped"}; !slices.Equal(j.lines, want) {
			t.Errorf("stopped as %q, want %q", j.lines, want)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("took %s; the failure must end the group at once", took)
		}
	})
}

func TestReturningUnaskedIsAFailure(t *testing.T) {
	t.Parallel()
	for name, returned := range map[string]error{"nil": nil, "a cancellation of its own": context.Canceled} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var j journal
				err := group(t, time.Hour, j.obedient("http", 0), failing("worker", time.Minute, returned))
				want := run.ErrEnded
				if returned != nil {
					want = returned
				}
				if !errors.Is(err, want) || !strings.Contains(err.Error(), "worker") {
					t.Errorf("error is %v, want %v of worker", err, want)
				}
				if len(j.lines) != 2 {
					t.Errorf("the other service was not stopped: %q", j.lines)
				}
			})
		})
	}
}

func TestStuckServiceIsAbandoned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		release := make(chan struct{})
		defer close(release)
		stuck := run.Service{Name: "stuck", Grace: 5 * time.Second, Run: func(context.Context) error { <-release; return nil }}
		began := time.Now()
		err := group(t, time.Hour, j.obedient("database", 0), stuck)
		if !errors.Is(err, run.ErrStuck) || !strings.Contains(err.Error(), "stuck") || !strings.Contains(err.Error(), "5s") {
			t.Errorf("error is %v; want one that names the service and its grace", err)
		}
		if took := time.Since(began); took != time.Hour+5*time.Second {
			t.Errorf("took %s; want exactly the grace", took)
		}
		if len(j.lines) != 2 {
			t.Errorf("what comes after the stuck service was not stopped: %q", j.lines)
		}
	})
}

func TestNoGraceIsTheDefault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		began := time.Now()
		err := group(t, time.Hour, run.Service{Name: "stuck", Run: func(context.Context) error { <-release; return nil }})
		if took := time.Since(began); !errors.Is(err, run.ErrStuck) || took != time.Hour+run.DefaultGrace {
			t.Errorf("gave up after %s with %v", took, err)
		}
	})
}

func TestAllErrorsAreJoined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		errFlush := errors.New("not flushed")
		release := make(chan struct{})
		defer close(release)
		unclean := run.Service{Name: "bus", Run: func(ctx context.Context) error { <-ctx.Done(); return errFlush }}
		stuck := run.Service{Name: "cache", Run: func(context.Context) error { <-release; return nil }}
		err := group(t, time.Hour, unclean, stuck, failing("worker", time.Minute, errBroken))
		for _, want := range []error{errFlush, run.ErrStuck, errBroken} {
			if !errors.Is(err, want) {
				t.Errorf("%v is missing in %v", want, err)
			}
		}
	})
}

// Services keep the values of the group's context but learn of its end only when their turn comes.
func TestServicesSeeTheValuesOfTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "here"))
		var seen any
		last := run.Service{Name: "last", Grace: time.Hour, Run: func(ctx context.Context) error {
			<-ctx.Done()
			<-time.After(time.Minute)
			return nil
		}}
		first := run.Service{Name: "first", Run: func(own context.Context) error {
			seen = own.Value(key{})
			cancel()
			<-time.After(30 * time.Second) // the group stops, but it is not yet this service's turn
			if own.Err() != nil {
				return errors.New("asked to stop before its turn")
			}
			<-own.Done()
			return nil
		}}
		if err := run.Group(ctx, discard(), first, last); err != nil || seen != "here" {
			t.Errorf("Group = %v, value %v", err, seen)
		}
	})
}

func TestNoServicesWaitForTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := group(t, time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("Group = %v after %s", err, time.Since(began))
		}
	})
}
