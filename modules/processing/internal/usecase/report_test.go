package usecase_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/usecase"
)

type registry struct {
	mu  sync.Mutex
	got []domain.WorkerReport
}

func (r *registry) Report(_ context.Context, report domain.WorkerReport) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, report)
	return nil
}

// A worker is registered from its start to its end, with what it does and has done.
func TestWorkersReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, tally := &shop{}, &registry{}, &usecase.Tally{}
		s.add(1)
		w := (&usecase.Worker{Name: "w", Slots: 3, SoftStop: time.Minute, Claimer: s, Run: s.job(25 * time.Second), Log: discard()}).Init()
		reporter := &usecase.Reporter{Worker: w, Tally: tally, Registry: r, Log: discard()}
		work, stopWork := context.WithCancel(t.Context())
		report, stopReport := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = reporter.Serve(report) })
		wg.Go(func() {
			_ = w.Serve(work)
			stopReport()
		})
		time.AfterFunc(5*time.Second, stopWork) // in the middle of the job
		for _, o := range []domain.Outcome{domain.Completed, domain.Failed, domain.Completed, domain.Cancelled, domain.Lost, domain.Released} {
			tally.Count(o)
		}
		wg.Wait()
		if len(r.got) != 4 {
			t.Fatalf("%d reports in 25 seconds: %+v", len(r.got), r.got)
		}
		if m := r.got[1]; !m.Stopping || m.Stopped || m.Running != 1 || m.Slots != 3 || m.Uptime != 10*time.Second || m.Completed != 2 || m.Failed != 1 {
			t.Errorf("in the middle: %+v", m)
		}
		if last := r.got[3]; !last.Stopped || last.Running != 0 || last.Worker != "w" {
			t.Errorf("at the end: %+v", last)
		}
	})
}
