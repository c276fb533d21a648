package usecase

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// Queue is where jobs come from. Every write repeats the lease; domain.ErrLeaseLost when another attempt has the job or
// it has ended. Safe for concurrent use.
type Queue interface {
	Renew(ctx context.Context, l domain.Lease, p domain.Progress) (cancelled bool, err error)
	Complete(ctx context.Context, l domain.Lease, r domain.Result) error
	Fail(ctx context.Context, l domain.Lease, f domain.Failure) error
	Cancelled(ctx context.Context, l domain.Lease) error
	Release(ctx context.Context, l domain.Lease) error
}

// Video is an opened source.
type Video interface {
	domain.Source
	io.Closer
}

// Object is a result being written: visible after Commit, never after Abort; whichever comes first counts.
type Object interface {
	io.Writer
	Commit(ctx context.Context) error
	Abort() error
}

// Storage keeps videos and results. Safe for concurrent use.
type Storage interface {
	Open(ctx context.Context, key string) (Video, error)
	Create(ctx context.Context, key string) (Object, error)
	Delete(ctx context.Context, key string) error
}

// Runner carries claimed jobs to their end. It holds no state between jobs and is safe for concurrent use.
type Runner struct {
	Queue    Queue
	Storage  Storage
	Engine   Engine
	NewSink  func(w io.Writer, c domain.Claim, size int64) (Sink, error)
	Log      *slog.Logger
	Division *Division                                                  // how long jobs are shared; nil is not at all
	Ended    func(c domain.Claim, o domain.Outcome, took time.Duration) // told of every attempt; may be nil
}

// errCancelled is the cause of a stop that the user asked for.
var errCancelled = errors.New("cancelled by the user")

// Run works on the job until it is completed, failed, cancelled, lost or given back; the queue learns which. When ctx
// ends the job goes back unfinished. A signal on nudge renews the lease at once, which is how a cancellation that the
// worker hears of elsewhere takes effect without waiting for the next renewal.
func (r *Runner) Run(ctx context.Context, c domain.Claim, nudge <-chan struct{}) {
	log := r.Log.With("job_id", c.Lease.JobID, "attempt", c.Attempt)
	if c.Lease.Segment > 0 {
		log = log.With("segment", c.Lease.Segment)
	}
	begun := time.Now()
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	live := &tracker{}
	beat := startHeartbeat(work, heartbeat{
		queue: r.Queue, lease: c.Lease, asked: c.Asked, progress: live.now, stop: stop, nudge: nudge, log: log,
	})
	result, err := r.attempt(work, c, live)
	deadline := beat.end()
	s := settlement{queue: r.Queue, storage: r.Storage, log: log, claim: c, deadline: deadline}
	// The outcome must be written even when the worker is being stopped.
	outcome := s.settle(context.WithoutCancel(ctx), result, err, context.Cause(work))
	if r.Ended != nil {
		r.Ended(c, outcome, time.Since(begun))
	}
}

// attempt extracts into the result object. Only here is a panic caught: it costs one attempt of one job, not the worker.
func (r *Runner) attempt(ctx context.Context, c domain.Claim, live *tracker) (result domain.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &domain.PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	live.enter(domain.StageStarted)
	video, err := r.Storage.Open(ctx, c.SourceKey)
	if err != nil {
		return result, &domain.StorageError{Err: err}
	}
	defer video.Close()
	live.enter(domain.StagePrepared)
	if c.Lease.Segment == 0 {
		if result, err = r.share(ctx, c, live, video); !errors.Is(err, errWhole) {
			return result, err
		}
	}
	object, err := r.Storage.Create(ctx, c.ResultKey)
	if err != nil {
		return result, &domain.StorageError{Err: err}
	}
	defer object.Abort() //nolint:errcheck // after Commit it does nothing, and what remains of a failure the janitor takes
	live.enter(domain.StageConfigured)
	return r.fill(ctx, c, live, video, object)
}

func (r *Runner) fill(ctx context.Context, c domain.Claim, live *tracker, video Video, object Object) (domain.Result, error) {
	live.enter(domain.StageExtracting)
	sink, err := r.sink(object, c, video.Size())
	if err != nil {
		return domain.Result{}, err
	}
	out, err := Extract(ctx, r.Engine, Extraction{
		Source: video, Params: c.Wanted(), Salvage: c.LastCrash, Sink: sink,
		OnProgress: func(a domain.Advance) { live.set(c.Extracting(a)) },
	})
	if err != nil {
		return domain.Result{}, err
	}
	live.enter(domain.StageExtracted)
	if err := object.Commit(ctx); err != nil {
		return domain.Result{}, &domain.StorageError{Err: err}
	}
	live.enter(domain.StagePackaged)
	return domain.Result{
		Key: c.ResultKey, Archive: out.Archive, Truncated: out.Report.CutByLimit(c.Params), Partial: partial(out.Report),
		DamagedAt: out.Report.DamagedAt,
	}, nil
}

// sink is for the whole archive, or for a part of it.
func (r *Runner) sink(w io.Writer, c domain.Claim, size int64) (Sink, error) {
	if c.Lease.Segment > 0 {
		return r.Division.NewPart(w), nil
	}
	return r.NewSink(w, c, size)
}

func partial(r domain.Report) string {
	if r.DamagedAt == nil {
		return ""
	}
	if r.Reason == "" {
		return "The video is damaged; the frames end where it could not be read any further."
	}
	return r.Reason
}

// tracker holds the progress between the engine, which sets it, and the heartbeat, which reports it.
type tracker struct {
	mu      sync.Mutex
	current domain.Progress
}

func (t *tracker) set(p domain.Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = p
}

func (t *tracker) enter(s domain.Stage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = s.At(t.current.Frames)
}

func (t *tracker) now() domain.Progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

// writeTimeout bounds one write to the queue.
const writeTimeout = 10 * time.Second
