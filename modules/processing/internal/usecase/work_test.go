package usecase_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/usecase"
)

// shop has jobs and keeps book of who runs.
type shop struct {
	mu  sync.Mutex
	err error
	book
}

// book is what happened so far.
type book struct {
	due, claimed, running, most, done, stopped int
	asked                                      []int // free slots, per claim
}

func (s *shop) read() book {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book
}

func (s *shop) Claim(_ context.Context, _ string, n int) ([]domain.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, n)
	if s.err != nil {
		return nil, s.err
	}
	var out []domain.Claim
	for range min(n, s.due) {
		s.due--
		s.claimed++
		out = append(out, domain.Claim{Lease: domain.Lease{JobID: fmt.Sprintf("job-%d", s.claimed), Token: int64(s.claimed)}})
	}
	return out, nil
}

func (s *shop) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due += n
}

func (s *shop) job(took time.Duration) func(context.Context, domain.Claim, <-chan struct{}) {
	return func(ctx context.Context, _ domain.Claim, _ <-chan struct{}) {
		s.count(1)
		defer s.count(-1)
		select {
		case <-time.After(took):
			s.mu.Lock()
			s.done++
			s.mu.Unlock()
		case <-ctx.Done():
			s.mu.Lock()
			s.stopped++
			s.mu.Unlock()
		}
	}
}

func (s *shop) count(d int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running += d
	s.most = max(s.most, s.running)
}

// serve starts a worker with two slots; the function it returns stops it and waits.
func serve(t *testing.T, s *shop, took time.Duration) (*usecase.Worker, func()) {
	t.Helper()
	w := (&usecase.Worker{Name: "w", Slots: 2, SoftStop: 30 * time.Second, Claimer: s, Run: s.job(took), Log: discard()}).Init()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Serve(ctx) }()
	return w, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestWorkerFillsItsSlotsAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shop{book: book{due: 7}}
		_, stop := serve(t, s, 10*time.Second)
		time.Sleep(40*time.Second - time.Millisecond)
		synctest.Wait()
		b := s.read()
		if b.done != 6 || b.claimed != 7 || b.most != 2 {
			t.Errorf("%d done, %d claimed, %d at once: a freed slot must claim at once", b.done, b.claimed, b.most)
		}
		if slices.Contains(b.asked, 0) {
			t.Errorf("a full worker asked for jobs: %v", b.asked)
		}
		stop()
	})
}

func TestWorkerWakesAtOnceAndPollsOtherwise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		w, stop := serve(t, s, time.Second)
		synctest.Wait()
		s.add(1)
		w.Wake()
		synctest.Wait()
		if s.read().claimed != 1 {
			t.Error("a hint did not lead to a claim")
		}
		time.Sleep(3 * time.Second)
		s.add(1) // nobody tells
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if s.read().claimed != 2 {
			t.Error("a job without a hint was not found within the idle poll")
		}
		stop()
	})
}

func TestWorkerLivesThroughAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shop{err: errOut, book: book{due: 1}}
		_, stop := serve(t, s, time.Second)
		time.Sleep(12 * time.Second)
		s.mu.Lock()
		s.err = nil
		s.mu.Unlock()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if s.read().claimed != 1 {
			t.Error("no claim after the outage")
		}
		stop()
	})
}

func TestWorkerStopsSoftlyThenHard(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		took          time.Duration
		done, stopped int
		stop          time.Duration
	}{
		"soft": {20 * time.Second, 2, 0, 20 * time.Second},
		"hard": {time.Hour, 0, 2, 30 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &shop{book: book{due: 5}}
				_, stop := serve(t, s, tt.took)
				synctest.Wait()
				start := time.Now()
				stop()
				if b := s.read(); b.done != tt.done || b.stopped != tt.stopped || b.due != 3 {
					t.Errorf("%d done, %d stopped, %d left", b.done, b.stopped, b.due)
				}
				if took := time.Since(start); took != tt.stop {
					t.Errorf("stopped after %v, want %v", took, tt.stop)
				}
			})
		})
	}
}

func TestWorkerNudgesTheJobMeant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shop{book: book{due: 2}}
		nudged := make(chan string, 2)
		w := (&usecase.Worker{Name: "w", Slots: 2, Claimer: s, Log: discard()}).Init()
		w.Run = func(ctx context.Context, c domain.Claim, nudge <-chan struct{}) {
			select {
			case <-nudge:
				nudged <- c.Lease.JobID
			case <-ctx.Done():
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.Serve(ctx) }()
		synctest.Wait()
		w.Nudge("job-2")
		w.Nudge("job-9")
		synctest.Wait()
		if len(nudged) != 1 || <-nudged != "job-2" {
			t.Error("the wrong job was nudged")
		}
		cancel()
		<-done
	})
}

// A worker that is to drain the queue says so once nothing is due and nothing runs, and not while a claim fails.
func TestDrainedOnceNothingIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := &shop{err: errOut}
		s.add(5)
		w := (&usecase.Worker{
			Name: "w", Slots: 2, SoftStop: time.Second, Claimer: s, Run: s.job(10 * time.Second), Idle: cancel, Log: slog.New(slog.DiscardHandler),
		}).Init()
		time.AfterFunc(12*time.Second, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.err = nil
		})
		begun := time.Now()
		if err := w.Serve(ctx); err != nil {
			t.Error(err)
		}
		if got := s.read(); got.done != 5 || got.stopped != 0 {
			t.Errorf("at the end: %+v", got)
		}
		if took := time.Since(begun); took < 40*time.Second || took > 50*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// Where memory is short fewer jobs are taken than there are slots, but never none.
func TestMemoryLimitsTheJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := &shop{}
		s.add(6)
		room := func() int { got := s.read(); return 2 - got.claimed + got.done }
		w := (&usecase.Worker{
			Name: "w", Slots: 8, SoftStop: time.Second, Claimer: s, Run: s.job(3 * time.Second), Room: room, Idle: cancel, Log: slog.New(slog.DiscardHandler),
		}).Init()
		if err := w.Serve(ctx); err != nil {
			t.Error(err)
		}
		if got := s.read(); got.done != 6 || got.most > 2 {
			t.Errorf("at the end: %+v", got)
		}
		s.add(1)
		w.Room = func() int { return 0 }
		ctx, cancel = context.WithCancel(t.Context())
		w.Idle = cancel
		if err := w.Serve(ctx); err != nil || s.read().done != 7 {
			t.Errorf("without memory nothing runs: %v %+v", err, s.read())
		}
	})
}
