package usecase

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// Tally counts how the attempts of a worker ended. Safe for concurrent use.
type Tally struct {
	completed, failed atomic.Int64
}

// Count notes an outcome. Cancelled, lost and returned attempts are no merit and no failure of the worker.
func (t *Tally) Count(o domain.Outcome) {
	switch o {
	case domain.Completed:
		t.completed.Add(1)
	case domain.Failed:
		t.failed.Add(1)
	case domain.Cancelled, domain.Lost, domain.Released:
	}
}

// Registry takes what workers say of themselves.
type Registry interface {
	Report(ctx context.Context, r domain.WorkerReport) error
}

// reportEvery is well below the 90 seconds after which a silent worker counts as gone.
const reportEvery = 10 * time.Second

// Reporter tells the registry of a worker, again and again.
type Reporter struct {
	Worker   *Worker
	Tally    *Tally
	Registry Registry
	Log      *slog.Logger

	failing bool
}

// Serve reports until ctx ends, and then that the worker is gone. It should start before the worker and stop after it.
func (r *Reporter) Serve(ctx context.Context) error {
	begun := time.Now()
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		r.report(ctx, begun, false)
		select {
		case <-ctx.Done():
			r.report(context.WithoutCancel(ctx), begun, true)
			return nil
		case <-tick.C:
		}
	}
}

// report tells of an outage when it begins, not at every try.
func (r *Reporter) report(ctx context.Context, begun time.Time, stopped bool) {
	w := r.Worker
	bounded, cancel := context.WithTimeout(ctx, reportEvery/2)
	defer cancel()
	err := r.Registry.Report(bounded, domain.WorkerReport{
		Worker: w.Name, Stopping: w.stopping.Load(), Stopped: stopped, Slots: w.Slots, Running: w.busy(),
		Completed: r.Tally.completed.Load(), Failed: r.Tally.failed.Load(), Uptime: time.Since(begun),
	})
	failed := err != nil && ctx.Err() == nil
	if failed && !r.failing {
		r.Log.WarnContext(ctx, "worker not registered", "worker_id", w.Name, "err", err)
	}
	r.failing = failed
}
