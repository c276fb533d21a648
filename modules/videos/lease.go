package videos

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
)

// ErrLeaseLost says that another attempt has the job, or that it has ended or is gone: stop at once, write nothing more
// and remove what this attempt has stored.
var ErrLeaseLost error = domain.ErrLeaseLost

// CodeCrashed is the Failure.Code of an attempt whose decoder died. Such attempts are repeated fewer times than those
// that an outage ended, because the video may be what kills them.
const CodeCrashed = domain.CodeCrashed

// queue is Queue over the use case.
type queue struct {
	jobs    *usecase.Queue
	workers *usecase.Workers
	version string
	every   time.Duration
}

var _ Queue = queue{}

func (q queue) Claim(ctx context.Context, worker string, n int) ([]Claim, error) {
	taken, err := q.jobs.Claim(ctx, worker, n)
	if err != nil {
		return nil, err
	}
	claims := make([]Claim, len(taken))
	for i, c := range taken {
		claims[i] = q.toClaim(c)
	}
	return claims, nil
}

func (q queue) ClaimJob(ctx context.Context, worker, jobID string) (Claim, bool, error) {
	c, ok, err := q.jobs.ClaimJob(ctx, worker, jobID)
	if err != nil || !ok {
		return Claim{}, false, err
	}
	return q.toClaim(c), true, nil
}

func (q queue) toClaim(c domain.Claim) Claim {
	job := c.Job
	out := Claim{
		Lease: Lease(c.Lease()), Attempt: job.Attempt, LastCrash: q.jobs.Policy.LastCrash(job), UserID: job.Owner.ID, Filename: job.Filename,
		SourceKey: job.Source.Key, ResultKey: c.ResultKey(), Duration: job.Info.Duration, Params: Params(job.Params), Divided: c.Divided,
	}
	out.Lease.Length, out.Lease.Every = q.jobs.Policy.Lease, q.every
	if s := c.Segment; s != nil {
		out.Attempt, out.LastCrash, out.Stretch = s.Attempt, false, Stretch(s.Stretch)
	}
	return out
}

func (q queue) Renew(ctx context.Context, l Lease, p Progress) (bool, error) {
	return q.jobs.Renew(ctx, domain.Lease(l), domain.Progress{
		Percent: p.Percent, Stage: p.Stage, Frames: p.Frames, Rate: p.Rate, ETA: p.ETA,
	})
}

func (q queue) Complete(ctx context.Context, l Lease, r Result) error {
	return q.jobs.Complete(ctx, domain.Lease(l), domain.Result(r))
}

func (q queue) Fail(ctx context.Context, l Lease, f Failure) error {
	return q.jobs.Fail(ctx, domain.Lease(l), domain.Failure(f))
}

func (q queue) Cancelled(ctx context.Context, l Lease) error {
	return q.jobs.Cancelled(ctx, domain.Lease(l))
}

func (q queue) Release(ctx context.Context, l Lease) error {
	return q.jobs.Release(ctx, domain.Lease(l))
}

func (q queue) Report(ctx context.Context, r WorkerReport) error {
	return q.workers.Report(ctx, domain.Worker{
		ID: r.ID, Version: q.version, State: r.State, Capacity: r.Capacity, Running: r.Running, Completed: r.Completed, Failed: r.Failed,
	}, r.Uptime)
}
