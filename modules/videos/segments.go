package videos

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Divider lets several workers work on one job. Whoever holds the job divides it and joins the parts in the end; segments are
// claimed, renewed, completed, failed and released as jobs are, by the lease that says which one it is. A job whose worker dies
// keeps its segments for the next one.
type Divider interface {
	// Fleet counts the workers that are alive and how many jobs they take at a time.
	Fleet(ctx context.Context) (workers, slots int, err error)
	// Divide stores the segments of the job that l holds, in order of their images. ErrLeaseLost as for Renew.
	Divide(ctx context.Context, l Lease, stretches []Stretch) error
	// Undivide drops the segments of the job that l holds, because it is better done as a whole. ErrLeaseLost as for Renew.
	Undivide(ctx context.Context, l Lease) error
	// Segments lists those of a job in their order.
	Segments(ctx context.Context, jobID string) ([]Segment, error)
	// ClaimSegment takes the next segment of the job that lead holds, to be worked on in its place; ok is false when none waits.
	ClaimSegment(ctx context.Context, lead Lease) (c Claim, ok bool, err error)
}

// Stretch is the images From+1 to To of a job.
type Stretch domain.Stretch

// Segment is a stretch of a job's images as it stands.
type Segment struct {
	Stretch
	Done    bool
	Dropped bool    // all segments of the job are: it is to be done as a whole
	Key     string  // blob key of the part, when it is done
	Frames  int     // images that are made
	Rate    float64 // seconds of film per second, while it is worked on
}

func (q queue) Fleet(ctx context.Context) (workers, slots int, err error) { return q.jobs.Fleet(ctx) }

func (q queue) Divide(ctx context.Context, l Lease, stretches []Stretch) error {
	parts := make([]domain.Stretch, len(stretches))
	for i, s := range stretches {
		parts[i] = domain.Stretch(s)
	}
	return q.jobs.Divide(ctx, domain.Lease(l), parts)
}

func (q queue) Undivide(ctx context.Context, l Lease) error {
	return q.jobs.Undivide(ctx, domain.Lease(l))
}

func (q queue) Segments(ctx context.Context, jobID string) ([]Segment, error) {
	segments, err := q.jobs.Segments(ctx, jobID)
	if err != nil {
		return nil, err
	}
	out := make([]Segment, len(segments))
	for i, s := range segments {
		out[i] = Segment{
			Stretch: Stretch(s.Stretch), Done: s.State == domain.SegmentDone, Dropped: s.State == domain.SegmentDropped,
			Key: s.Key, Frames: s.Frames, Rate: s.Rate,
		}
	}
	return out, nil
}

func (q queue) ClaimSegment(ctx context.Context, lead Lease) (Claim, bool, error) {
	c, ok, err := q.jobs.ClaimSegment(ctx, domain.Lease(lead))
	if err != nil || !ok {
		return Claim{}, false, err
	}
	return q.toClaim(c), true, nil
}
