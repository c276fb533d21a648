package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/usecase"
	"github.com/fiapx/fiapx/modules/videos"
)

// Queue is the queue of videos in the words of this module.
type Queue struct {
	Jobs    videos.Queue
	Threads int // cores that each job may use
}

var (
	_ usecase.Queue    = Queue{}
	_ usecase.Claimer  = Queue{}
	_ usecase.Registry = Queue{}
	_ usecase.Divider  = Queue{}
)

// Claim is part of usecase.Claimer.
func (q Queue) Claim(ctx context.Context, worker string, n int) ([]domain.Claim, error) {
	asked := time.Now()
	jobs, err := q.Jobs.Claim(ctx, worker, n)
	if err != nil {
		return nil, err
	}
	claims := make([]domain.Claim, len(jobs))
	for i, job := range jobs {
		claims[i] = q.toClaim(job)
		claims[i].Asked = asked
	}
	return claims, nil
}

// Renew is part of usecase.Queue.
func (q Queue) Renew(ctx context.Context, l domain.Lease, p domain.Progress) (bool, error) {
	cancelled, err := q.Jobs.Renew(ctx, videos.Lease(l), videos.Progress(p))
	return cancelled, lost(err)
}

// Complete is part of usecase.Queue.
func (q Queue) Complete(ctx context.Context, l domain.Lease, r domain.Result) error {
	return lost(q.Jobs.Complete(ctx, videos.Lease(l), videos.Result{
		Key: r.Key, Size: r.Archive.Size, SHA256: r.Archive.SHA256, Frames: r.Archive.Frames,
		Truncated: r.Truncated, Partial: r.Partial, DamagedAt: r.DamagedAt,
	}))
}

// Fail is part of usecase.Queue.
func (q Queue) Fail(ctx context.Context, l domain.Lease, f domain.Failure) error {
	return lost(q.Jobs.Fail(ctx, videos.Lease(l), videos.Failure(f)))
}

// Cancelled is part of usecase.Queue.
func (q Queue) Cancelled(ctx context.Context, l domain.Lease) error {
	return lost(q.Jobs.Cancelled(ctx, videos.Lease(l)))
}

// Release is part of usecase.Queue.
func (q Queue) Release(ctx context.Context, l domain.Lease) error {
	return lost(q.Jobs.Release(ctx, videos.Lease(l)))
}

func (q Queue) toClaim(c videos.Claim) domain.Claim {
	p := c.Params
	out := domain.Claim{
		Lease: domain.Lease(c.Lease), Attempt: c.Attempt, LastCrash: c.LastCrash, Filename: c.Filename, SourceKey: c.SourceKey, ResultKey: c.ResultKey,
		Duration: c.Duration, Divided: c.Divided, Params: toParams(p), Manifest: p.Manifest, ContactSheet: p.ContactSheet, Storyboard: p.Storyboard, NameTemplate: p.NameTemplate,
	}
	out.Params.Threads = q.Threads
	out.Params.From, out.Params.To = c.Stretch.From, c.Stretch.To
	return out
}

// Wanted is what the engine must give for a job with these parameters.
func Wanted(p videos.Params) domain.Params {
	return domain.Claim{Params: toParams(p), ContactSheet: p.ContactSheet, Storyboard: p.Storyboard}.Wanted()
}

func toParams(p videos.Params) domain.Params {
	out := domain.Params{
		FPS: p.FPS, Every: p.Every, Times: p.Times, Keyframes: p.Keyframes, Scene: p.Scene,
		Extension: p.Format, Quality: p.Quality, Start: p.Start, End: p.End, Width: p.Width, Height: p.Height,
		Dedupe: p.Dedupe, NoTone: p.NoTone,
	}
	if p.MaxFrames != nil {
		out.MaxFrames = *p.MaxFrames
	}
	if p.Crop != nil {
		out.Crop = &domain.Rect{X: p.Crop.X, Y: p.Crop.Y, W: p.Crop.W, H: p.Crop.H}
	}
	return out
}

// lost puts the queue's word for a lost lease into ours.
func lost(err error) error {
	if errors.Is(err, videos.ErrLeaseLost) {
		return domain.ErrLeaseLost.Because(err)
	}
	return err
}

// Report is part of usecase.Registry.
func (q Queue) Report(ctx context.Context, r domain.WorkerReport) error {
	state := videos.WorkerWorking
	switch {
	case r.Stopped:
		state = videos.WorkerStopped
	case r.Stopping:
		state = videos.WorkerStopping
	}
	return q.Jobs.Report(ctx, videos.WorkerReport{
		ID: r.Worker, State: state, Capacity: r.Slots, Running: r.Running, Completed: r.Completed, Failed: r.Failed, Uptime: r.Uptime,
	})
}
