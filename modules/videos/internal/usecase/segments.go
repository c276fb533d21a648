package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// SegmentStore is the queue's side of the table of segments; writes of an attempt are conditional on its lease, as those of jobs.
type SegmentStore interface {
	// Divide stores the segments of the job that l holds.
	Divide(ctx context.Context, l domain.Lease, stretches []domain.Stretch, order domain.Order) error
	// Undivide drops them.
	Undivide(ctx context.Context, l domain.Lease) error
	// Segments lists those of a job in their order.
	Segments(ctx context.Context, jobID string) ([]domain.Segment, error)
	// ClaimSegment starts an attempt at the next one of the job that lead holds, in its place; ok is false when none waits.
	ClaimSegment(ctx context.Context, lead domain.Lease, b domain.Bid) (c domain.Claim, ok bool, err error)
	CompleteSegment(ctx context.Context, l domain.Lease, key string, size int64) error
	EndSegment(ctx context.Context, l domain.Lease, decide domain.DecideSegment) (domain.SegmentEnding, error)
	ReleaseSegment(ctx context.Context, l domain.Lease) error
	AcknowledgeSegment(ctx context.Context, l domain.Lease) error
	// ReapSegments ends up to n attempts whose lease has expired.
	ReapSegments(ctx context.Context, n int, decide domain.DecideSegment) ([]domain.Segment, error)
	// Load counts the workers seen in the last so long.
	Load(ctx context.Context, within time.Duration) (domain.Load, error)
}

// Divide lets other workers help with the job that l holds.
func (q *Queue) Divide(ctx context.Context, l domain.Lease, stretches []domain.Stretch) error {
	if err := q.Store.Divide(ctx, l, stretches, q.Order); err != nil {
		return err
	}
	q.Log.InfoContext(ctx, "job divided", "job_id", l.JobID, "segments", len(stretches))
	return nil
}

// Undivide gives up on the segments of the job that l holds; it is to be done as a whole.
func (q *Queue) Undivide(ctx context.Context, l domain.Lease) error { return q.Store.Undivide(ctx, l) }

// Segments lists those of a job.
func (q *Queue) Segments(ctx context.Context, jobID string) ([]domain.Segment, error) {
	return q.Store.Segments(ctx, jobID)
}

// ClaimSegment takes the next one of the job that lead holds; it runs in the place of the job, so limits have nothing to say.
func (q *Queue) ClaimSegment(ctx context.Context, lead domain.Lease) (domain.Claim, bool, error) {
	c, ok, err := q.Store.ClaimSegment(ctx, lead, domain.Bid{Worker: lead.Worker, N: 1, Lease: q.Policy.Lease})
	if ok {
		q.claimed(ctx, c)
	}
	return c, ok, err
}

// Fleet counts the workers that are alive and the jobs that they take at a time.
func (q *Queue) Fleet(ctx context.Context) (workers, slots int, err error) {
	load, err := q.Store.Load(ctx, workerAlive)
	return int(load.Workers), int(load.Capacity), err
}

func (q *Queue) completeSegment(ctx context.Context, l domain.Lease, r domain.Result) error {
	if err := q.Store.CompleteSegment(ctx, l, r.Key, r.Size); err != nil {
		return err
	}
	q.Log.InfoContext(ctx, "segment completed", "job_id", l.JobID, "segment", l.Segment, "frames", r.Frames, "bytes", r.Size)
	return nil
}

func (q *Queue) failSegment(ctx context.Context, l domain.Lease, f domain.Failure) error {
	end, err := q.Store.EndSegment(ctx, l, func(s domain.Segment, now time.Time) domain.SegmentEnding {
		return q.Policy.AfterSegmentFailure(s, f, now)
	})
	if err != nil {
		return err
	}
	q.Log.WarnContext(ctx, "segment not done", "job_id", l.JobID, "segment", l.Segment, "state", string(end.State), "code", f.Code, "detail", f.Detail)
	return nil
}

func (q *Queue) rescueSegments(ctx context.Context) error {
	for {
		lost, err := q.Store.ReapSegments(ctx, reapBatch, q.Policy.AfterSegmentLoss)
		if err != nil {
			return err
		}
		for _, s := range lost {
			q.Log.WarnContext(ctx, "segment lost its worker", "job_id", s.JobID, "segment", s.Number, "worker_id", s.Owner)
		}
		if len(lost) < reapBatch {
			return nil
		}
	}
}
