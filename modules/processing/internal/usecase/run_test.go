package usecase_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/usecase"
	"github.com/fiapx/fiapx/platform/fault"
)

// bench is a runner among fakes.
type bench struct {
	queue     queue
	storage   storage
	engine    engine
	lastCrash bool
	late      time.Duration // how long ago the claim was sent
	nudge     chan struct{}
}

func newBench() *bench {
	return &bench{
		storage: storage{objects: map[string]string{}},
		engine:  engine{images: 3, step: time.Second},
		nudge:   make(chan struct{}, 1),
	}
}

func (b *bench) run(ctx context.Context) {
	r := usecase.Runner{
		Queue: &b.queue, Storage: &b.storage, Engine: &b.engine, Log: discard(),
		NewSink: func(w io.Writer, _ domain.Claim, _ int64) (usecase.Sink, error) { return &sink{w: w}, nil },
	}
	r.Run(ctx, domain.Claim{
		Lease:   domain.Lease{JobID: "job", Token: 7, Length: time.Minute, Every: 15 * time.Second},
		Asked:   time.Now().Add(-b.late),
		Attempt: 1, LastCrash: b.lastCrash, SourceKey: "videos/job", ResultKey: "results/job/7.zip", Params: domain.Params{Extension: "png"},
	}, b.nudge)
}

// expect checks how the job ended and what is left in the storage.
func (b *bench) expect(t *testing.T, events string, objects int) {
	t.Helper()
	if got := b.queue.ended(); got != events {
		t.Errorf("the queue heard %s, want %s", got, events)
	}
	if len(b.storage.objects) != objects {
		t.Errorf("the storage holds %v, want %d objects", b.storage.objects, objects)
	}
}

func TestRunCompletes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		at := 2.0
		b.engine.report = domain.Report{Truncated: true, DamagedAt: &at, Reason: "It ends early."}
		b.run(t.Context())
		b.expect(t, "[completed]", 1)
		want := domain.Result{
			Key: "results/job/7.zip", Archive: domain.Archive{Frames: 3, SHA256: "sum"}, Truncated: true, Partial: "It ends early.",
			DamagedAt: &at,
		}
		if diff := cmp.Diff(want, b.queue.result); diff != "" || b.storage.objects["results/job/7.zip"] != "1;2;3;" {
			t.Errorf("objects %v, result: %s", b.storage.objects, diff)
		}
	})
}

// When the decoder breaks down for the last time that is allowed, what it gave until then is the result.
func TestRunSalvagesTheLastCrash(t *testing.T) {
	t.Parallel()
	for last, events := range map[bool]string{false: "[failed]", true: "[completed]"} {
		synctest.Test(t, func(t *testing.T) {
			b, at := newBench(), 2.0
			b.lastCrash = last
			b.engine.report = domain.Report{DamagedAt: &at, Reason: "It broke down."}
			b.engine.err = fault.New(fault.Unavailable, domain.CodeCrashed, "It crashed.")
			b.run(t.Context())
			b.expect(t, events, map[bool]int{true: 1}[last])
			if last && (b.queue.result.Partial != "It broke down." || b.queue.result.DamagedAt != &at || b.queue.result.Archive.Frames != 3) {
				t.Errorf("result %+v", b.queue.result)
			}
		})
	}
}

func TestRunReportsProgressTwiceASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.engine = engine{images: 30, step: 250 * time.Millisecond}
		b.run(t.Context())
		if n := len(b.queue.progress); n < 13 || n > 16 {
			t.Errorf("%d renewals in 7.5 s", n)
		}
		last := 0.0
		for _, p := range b.queue.progress {
			if p.Percent < last || p.Percent < 35 || p.Percent > 80 || p.Stage != "Starting frame extraction" {
				t.Errorf("progress went %v then %+v", last, p)
			}
			last = p.Percent
		}
	})
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	noFrames := fault.New(fault.Invalid, "NO_FRAMES", "No frames.")
	tests := map[string]struct {
		spoil func(*bench)
		code  string
		retry bool
	}{
		"bad video":    {func(b *bench) { b.engine.err = noFrames }, "NO_FRAMES", false},
		"storage full": {func(b *bench) { b.storage.full = fault.New(fault.Unavailable, "blob.full", "Full.") }, "STORAGE_FULL", true},
		"video gone":   {func(b *bench) { b.storage.open = fault.New(fault.NotFound, "blob.not_found", "Gone.") }, "SOURCE_GONE", false},
		"panic":        {func(b *bench) { b.engine.panics = true }, "INTERNAL", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				tt.spoil(b)
				b.run(t.Context())
				b.expect(t, "[failed]", 0)
				if f := b.queue.failure; f.Code != tt.code || f.Retry != tt.retry {
					t.Errorf("failure %+v", f)
				}
			})
		})
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.engine.step = time.Hour
		b.queue.renew = func(n int) (bool, error) { return n == 3, nil }
		start := time.Now()
		b.run(t.Context())
		b.expect(t, "[cancelled]", 0)
		if took := time.Since(start); took > 4*time.Second || b.storage.aborted != 1 {
			t.Errorf("stopped after %v, aborted %d times", took, b.storage.aborted)
		}
	})
}

func TestRunHeedsANudge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.queue.renew = func(int) (bool, error) { return true, nil }
		b.nudge <- struct{}{}
		start := time.Now()
		b.run(t.Context())
		b.expect(t, "[cancelled]", 0)
		if took := time.Since(start); took != 0 {
			t.Errorf("stopped after %v", took)
		}
	})
}

func TestRunWritesNothingOnceTheLeaseIsLost(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		renew  func(int) (bool, error)
		within time.Duration
	}{
		"taken over":         {func(int) (bool, error) { return false, domain.ErrLeaseLost }, 2 * time.Second},
		"database stays out": {func(int) (bool, error) { return false, errOut }, 50 * time.Second},
		"renewal hangs":      {func(int) (bool, error) { time.Sleep(50 * time.Second); return false, errOut }, 51 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.engine.step = time.Hour
				b.queue.renew = tt.renew
				start := time.Now()
				b.run(t.Context())
				b.expect(t, "[]", 0)
				if took := time.Since(start); took > tt.within {
					t.Errorf("stopped after %v", took)
				}
			})
		})
	}
}

// The lease began while the claim was on its way; what that took is not the worker's to spend.
func TestRunCountsTheLeaseFromTheClaim(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.engine.step, b.late = time.Hour, 20*time.Second
		b.queue.renew = func(int) (bool, error) { return false, errOut }
		start := time.Now()
		b.run(t.Context())
		b.expect(t, "[]", 0)
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("stopped after %v, want 30 s: the claim took 20 of the 50", took)
		}
	})
}

func TestRunOutlastsAShortOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.engine.step = 30 * time.Second
		b.queue.renew = func(n int) (bool, error) {
			if n%40 < 30 { // out for 30 s of every 40
				return false, errOut
			}
			return false, nil
		}
		b.queue.complete = func(n int) error {
			if n < 4 {
				return errOut
			}
			return nil
		}
		b.run(t.Context())
		b.expect(t, "[completed]", 1)
	})
}

func TestRunGivesTheJobBackAtShutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.engine.step = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		b.run(ctx)
		b.expect(t, "[released]", 0)
	})
}

func TestRunRemovesARefusedResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.queue.complete = func(int) error { return domain.ErrLeaseLost }
		b.run(t.Context())
		b.expect(t, "[cancelled]", 0)
		if len(b.storage.deleted) != 1 {
			t.Errorf("deleted %v", b.storage.deleted)
		}
	})
}

// After an answer that got lost the job may point at the object, so it must stay.
func TestRunKeepsAResultOfUnclearFate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.queue.complete = func(n int) error {
			if n == 1 {
				return errors.New("connection reset after commit")
			}
			return domain.ErrLeaseLost
		}
		b.run(t.Context())
		b.expect(t, "[]", 1)
	})
}
