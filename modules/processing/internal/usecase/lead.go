package usecase

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// Divider is the part of the queue by which several workers share a job. Safe for concurrent use.
type Divider interface {
	// Fleet counts the workers that are alive and the jobs that they take at a time.
	Fleet(ctx context.Context) (workers, slots int, err error)
	Divide(ctx context.Context, l domain.Lease, stretches []domain.Stretch) error
	Undivide(ctx context.Context, l domain.Lease) error
	Segments(ctx context.Context, jobID string) ([]domain.Segment, error)
	// ClaimSegment takes the next segment of the job that lead holds; ok is false when none waits.
	ClaimSegment(ctx context.Context, lead domain.Lease) (c domain.Claim, ok bool, err error)
}

// Surveyor finds out how a film can be divided. Errors as of Engine.
type Surveyor interface {
	Divide(ctx context.Context, src domain.Source, p domain.Params, s domain.Share) (domain.Division, error)
}

// Division is how a runner shares long jobs.
type Division struct {
	Rule      domain.Rule
	Queue     Divider
	Surveyor  Surveyor
	NewPart   func(w io.Writer) Sink
	ReadPart  func(r io.Reader, add func(domain.Image) error) (domain.Report, error)
	IsBroken  func(error) bool // of ReadPart: the part is not what was written
	MaxOutput int64            // bytes of images of a job
}

// errWhole says that the job is to be done as a whole: then its result, and what is said about its film, are those of a job that was
// never divided.
var errWhole = errors.New("not in parts")

// share does the job in segments if that is worth it, or if an attempt before this one has begun so; errWhole otherwise.
func (r *Runner) share(ctx context.Context, c domain.Claim, live *tracker, video Video) (domain.Result, error) {
	d := r.Division
	if d == nil || !c.Divided && !r.divide(ctx, c, video) {
		return domain.Result{}, errWhole
	}
	segments, err := r.lead(ctx, c, live)
	if err != nil {
		return domain.Result{}, err
	}
	result, err := r.join(ctx, c, live, video.Size(), segments)
	if !errors.Is(err, errWhole) {
		return result, err
	}
	r.Log.WarnContext(ctx, "parts do not fit together", "job_id", c.Lease.JobID)
	if err := d.Queue.Undivide(ctx, c.Lease); err != nil {
		return domain.Result{}, err
	}
	return domain.Result{}, errWhole
}

// divide tells whether the job is divided now. What goes wrong here is no failure: the whole job will find it, or do without.
func (r *Runner) divide(ctx context.Context, c domain.Claim, video Video) bool {
	d := r.Division
	if !d.Rule.Eligible(c) {
		return false
	}
	workers, slots, err := d.Queue.Fleet(ctx)
	share, several := d.Rule.Share(d.Rule.Parallel(workers, slots))
	if err != nil || !several {
		return false
	}
	division, err := d.Surveyor.Divide(ctx, video, c.Wanted(), share)
	if err != nil || !d.Rule.Worth(division) {
		return false
	}
	if err := d.Queue.Divide(ctx, c.Lease, division.Stretches()); err != nil {
		r.Log.WarnContext(ctx, "job not divided", "job_id", c.Lease.JobID, "err", err)
		return false
	}
	return true
}

// followEvery is how often the one who holds the job looks at its segments: one small query, and the join is not long in coming.
const followEvery = 500 * time.Millisecond

// lead works on segments of the job, one at a time, until all of them are done, here or elsewhere.
func (r *Runner) lead(ctx context.Context, c domain.Claim, live *tracker) ([]domain.Segment, error) {
	var own sync.WaitGroup
	defer own.Wait()
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	begun, before := time.Now(), -1.0
	working, ended := false, make(chan struct{}, 1)
	for {
		segments, err := r.Division.Queue.Segments(ctx, c.Lease.JobID)
		switch {
		case err != nil: // an outage; whether the job is still ours is for the heartbeat to find out
		case len(segments) == 0 || segments[0].Dropped:
			return nil, errWhole
		case all(segments, func(s domain.Segment) bool { return s.Done }):
			return segments, nil
		default:
			if _, share := domain.Tally(segments); before < 0 {
				before = share
			}
			live.set(domain.Shared(segments, before, time.Since(begun)))
		}
		if !working {
			working = r.help(ctx, c, &own, ended)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-ended:
			working = false
		case <-tick.C:
		}
	}
}

// help takes a segment of the job and works on it beside; ended hears of its end.
func (r *Runner) help(ctx context.Context, c domain.Claim, own *sync.WaitGroup, ended chan<- struct{}) bool {
	segment, ok, err := r.Division.Queue.ClaimSegment(ctx, c.Lease)
	if err != nil || !ok {
		return false
	}
	own.Go(func() {
		r.Run(ctx, segment, nil) // the job hears of a cancellation as soon as this would
		ended <- struct{}{}
	})
	return true
}

func all(segments []domain.Segment, is func(domain.Segment) bool) bool {
	for _, s := range segments {
		if !is(s) {
			return false
		}
	}
	return true
}
