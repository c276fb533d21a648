package usecase

import (
	"context"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// QueueStore is the queue's side of the job table. Every write of an attempt is conditional on its lease;
// domain.ErrLeaseLost when nothing was written. State changes and their events commit together.
type QueueStore interface {
	// Claim starts attempts at due jobs and segments, in the order of their turns.
	Claim(ctx context.Context, b domain.Bid) ([]domain.Claim, error)
	Complete(ctx context.Context, l domain.Lease, r domain.Result) (domain.Job, error)
	End(ctx context.Context, l domain.Lease, decide domain.Decide) (domain.Job, error)
	Release(ctx context.Context, l domain.Lease) error
	// Acknowledge returns domain.ErrLeaseLost unless the job was cancelled under this lease.
	Acknowledge(ctx context.Context, l domain.Lease) error
	// Reap ends up to n attempts whose lease has expired.
	Reap(ctx context.Context, n int, decide domain.Decide) ([]domain.Job, error)
	SourceRemoved(ctx context.Context, jobID string) error
	SegmentStore
}

// Beats takes the renewals of leases.
type Beats interface {
	Renew(ctx context.Context, l domain.Lease, p domain.Progress, lease time.Duration) (cancelled bool, err error)
}

// Queue is what workers do with jobs.
type Queue struct {
	Store   QueueStore
	Beats   Beats // over connections of its own: a busy pool must not cost a lease
	Storage Storage
	Policy  domain.Policy
	Order   domain.Order
	Log     *slog.Logger
}

// Claim starts attempts at up to n due jobs and segments.
func (q *Queue) Claim(ctx context.Context, worker string, n int) ([]domain.Claim, error) {
	if n < 1 {
		return nil, nil
	}
	return q.claim(ctx, worker, "", n)
}

// ClaimJob starts an attempt of that job, if it is due.
func (q *Queue) ClaimJob(ctx context.Context, worker, rawID string) (c domain.Claim, ok bool, err error) {
	id, err := domain.ParseID(rawID)
	if err != nil {
		return c, false, nil //nolint:nilerr // a hint that names no job is no job to do
	}
	claims, err := q.claim(ctx, worker, id, 1)
	if err != nil || len(claims) == 0 {
		return c, false, err
	}
	return claims[0], true, nil
}

func (q *Queue) claim(ctx context.Context, worker, id string, n int) ([]domain.Claim, error) {
	claims, err := q.Store.Claim(ctx, domain.Bid{
		Worker: worker, JobID: id, N: n, Lease: q.Policy.Lease, MaxRunning: q.Policy.MaxRunning, MaxPerUser: q.Policy.MaxPerUser,
	})
	for _, c := range claims {
		q.claimed(ctx, c)
	}
	return claims, err
}

func (q *Queue) claimed(ctx context.Context, c domain.Claim) {
	if s := c.Segment; s != nil {
		q.Log.InfoContext(ctx, "segment claimed", "job_id", s.JobID, "segment", s.Number, "worker_id", s.Owner, "attempt", s.Attempt)
		return
	}
	q.Log.InfoContext(ctx, "job claimed", "job_id", c.Job.ID, "worker_id", c.Job.LeaseOwner, "attempt", c.Job.Attempt)
}

// Renew keeps the lease and stores the progress; cancelled tells that the user asked to stop.
func (q *Queue) Renew(ctx context.Context, l domain.Lease, p domain.Progress) (cancelled bool, err error) {
	return q.Beats.Renew(ctx, l, p.Sane(), q.Policy.Lease)
}

// Complete ends the job with its result; the source goes when its owner wants that.
func (q *Queue) Complete(ctx context.Context, l domain.Lease, r domain.Result) error {
	if l.Segment > 0 {
		return q.completeSegment(ctx, l, r)
	}
	job, err := q.Store.Complete(ctx, l, r)
	if err != nil {
		return err
	}
	q.Log.InfoContext(ctx, "job completed", "job_id", job.ID, "frames", r.Frames, "bytes", r.Size, "attempt", job.Attempt)
	q.collect(ctx, job)
	if !job.AutoCleanup {
		return nil
	}
	if err := removeSource(ctx, q.Store, q.Storage, job); err != nil {
		q.Log.WarnContext(ctx, "source left to the janitor", "job_id", job.ID, "err", err)
	}
	return nil
}

// Fail ends the attempt, and the job unless the failure is worth another one.
func (q *Queue) Fail(ctx context.Context, l domain.Lease, f domain.Failure) error {
	if l.Segment > 0 {
		return q.failSegment(ctx, l, f)
	}
	job, err := q.Store.End(ctx, l, func(job domain.Job, now time.Time) domain.Ending {
		return q.Policy.AfterFailure(job, f, now)
	})
	if err != nil {
		return err
	}
	q.ended(ctx, job, f.Detail)
	return nil
}

func (q *Queue) ended(ctx context.Context, job domain.Job, detail string) {
	if job.Status == domain.Failed {
		q.Log.WarnContext(ctx, "job failed", "job_id", job.ID, "attempt", job.Attempt, "code", job.ErrorCode, "detail", detail)
		q.collect(ctx, job)
		return
	}
	q.Log.WarnContext(ctx, "job will be tried again", "job_id", job.ID, "attempt", job.Attempt, "run_at", job.RunAt, "detail", detail)
}

// collect removes the archives of attempts that lost: of those before the one that completed, or of all. The first
// attempt of a job that it completed has none before it, which spares the common case the listing. What a dead worker
// stored but a live one still writes, that one removes itself when the queue refuses it.
func (q *Queue) collect(ctx context.Context, job domain.Job) {
	if job.Status == domain.Completed && job.LeaseToken == 1 {
		return
	}
	err := q.Storage.List(ctx, domain.ResultPrefix(job.Owner.ID, job.ID), func(s domain.Stored) error {
		_, token, ok := domain.ParseResultKey(s.Key)
		if !ok || token > job.LeaseToken || job.Result != nil && s.Key == job.Result.Key {
			return nil
		}
		_, err := q.Storage.Delete(ctx, s.Key)
		return err
	})
	if err != nil {
		q.Log.WarnContext(ctx, "archives of lost attempts left to the janitor", "job_id", job.ID, "err", err)
	}
}

// Cancelled acknowledges that the work has stopped on the user's request.
func (q *Queue) Cancelled(ctx context.Context, l domain.Lease) error {
	if l.Segment > 0 {
		return q.Store.AcknowledgeSegment(ctx, l)
	}
	return q.Store.Acknowledge(ctx, l)
}

// Release gives the job back as if the attempt had not been.
func (q *Queue) Release(ctx context.Context, l domain.Lease) error {
	if l.Segment > 0 {
		return q.Store.ReleaseSegment(ctx, l)
	}
	return q.Store.Release(ctx, l)
}

const reapBatch = 100

// Rescue returns the jobs of lost workers to the queue, or fails those that keep losing them.
func (q *Queue) Rescue(ctx context.Context) error {
	if err := q.rescueSegments(ctx); err != nil {
		return err
	}
	for {
		jobs, err := q.Store.Reap(ctx, reapBatch, q.Policy.AfterLoss)
		if err != nil {
			return err
		}
		for _, job := range jobs {
			q.ended(ctx, job, "lease expired")
		}
		if len(jobs) < reapBatch {
			return nil
		}
	}
}

type sourceNoter interface {
	SourceRemoved(ctx context.Context, jobID string) error
}

func removeSource(ctx context.Context, store sourceNoter, storage Storage, job domain.Job) error {
	if _, err := storage.Delete(ctx, job.Source.Key); err != nil {
		return err
	}
	return store.SourceRemoved(ctx, job.ID)
}
