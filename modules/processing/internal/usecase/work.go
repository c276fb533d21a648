package usecase

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// The pace of asking for jobs when nothing says that there is one: a hint may get lost, and a job becomes due again by
// the passing of time alone.
const (
	busyPoll = time.Second
	idlePoll = 5 * time.Second
)

// Claimer hands out due jobs. Safe for concurrent use.
type Claimer interface {
	Claim(ctx context.Context, worker string, n int) ([]domain.Claim, error)
}

// Worker keeps up to Slots jobs running. There is one way to get jobs, the claim; hints, freed slots and the clock only
// say when to try it.
type Worker struct {
	Name     string
	Slots    int
	SoftStop time.Duration // running jobs may end within this long after a stop
	Room     func() int    // jobs that the machine has memory for besides those that run; nil is any number
	Idle     func()        // called when nothing is due and nothing runs; nil keeps waiting for jobs
	Claimer  Claimer
	Run      func(ctx context.Context, c domain.Claim, nudge <-chan struct{})
	Log      *slog.Logger

	hint    chan struct{}
	freed   chan struct{}
	jobs    sync.WaitGroup
	failing bool // the last claim did; only the loop touches it

	stopping atomic.Bool // no more jobs are taken

	mu      sync.Mutex
	running map[holding]chan struct{} // nudges
}

// holding names one attempt: after a lost lease this very worker may claim the job anew while the old attempt still ends.
type holding struct {
	jobID   string
	segment int
	token   int64
}

// Init makes the worker ready; hints that come before Serve are not lost.
func (w *Worker) Init() *Worker {
	w.hint, w.freed = make(chan struct{}, 1), make(chan struct{}, 1)
	w.running = make(map[holding]chan struct{})
	return w
}

// Wake says that a job may be due.
func (w *Worker) Wake() { signal(w.hint) }

// Nudge says that something has happened to a job; if it runs here, its lease is renewed at once.
func (w *Worker) Nudge(jobID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for held, nudge := range w.running {
		if held.jobID == jobID {
			signal(nudge)
		}
	}
}

// Serve claims and runs jobs until ctx ends; then it takes no more, gives the running ones SoftStop to end, stops what
// is left so that it goes back to the queue, and returns when nothing of it runs any more.
func (w *Worker) Serve(ctx context.Context) error {
	jobs, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	for {
		wait := w.claim(ctx, jobs)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			w.drain(jobs, kill)
			return nil
		case <-w.hint:
		case <-w.freed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// claim fills the free slots and tells how long to wait for a reason to try again.
func (w *Worker) claim(ctx, jobs context.Context) time.Duration {
	free := w.free()
	if free <= 0 || ctx.Err() != nil {
		return idlePoll
	}
	bounded, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	claims, err := w.Claimer.Claim(bounded, w.Name, free)
	w.note(ctx, err)
	for _, c := range claims {
		w.start(jobs, c)
	}
	if w.busy() > 0 && err == nil {
		return busyPoll
	}
	if err == nil && w.Idle != nil {
		w.Idle()
	}
	return idlePoll
}

// free is how many jobs to ask for. However little memory there is, one job runs: waiting would not make it more.
func (w *Worker) free() int {
	busy := w.busy()
	free := w.Slots - busy
	if w.Room == nil || free <= 0 {
		return free
	}
	room := w.Room()
	if busy == 0 {
		room = max(1, room)
	}
	return min(free, room)
}

// note tells of an outage when it begins and when it is over, not at every try.
func (w *Worker) note(ctx context.Context, err error) {
	if ctx.Err() != nil || (err != nil) == w.failing {
		return
	}
	w.failing = err != nil
	if err != nil {
		w.Log.WarnContext(ctx, "jobs not claimed", "worker_id", w.Name, "err", err)
		return
	}
	w.Log.InfoContext(ctx, "jobs claimed again", "worker_id", w.Name)
}

func (w *Worker) start(ctx context.Context, c domain.Claim) {
	nudge := make(chan struct{}, 1)
	held := holding{jobID: c.Lease.JobID, segment: c.Lease.Segment, token: c.Lease.Token}
	w.mu.Lock()
	w.running[held] = nudge
	w.mu.Unlock()
	w.jobs.Go(func() {
		defer w.end(held)
		w.Run(ctx, c, nudge)
	})
}

func (w *Worker) end(held holding) {
	w.mu.Lock()
	delete(w.running, held)
	w.mu.Unlock()
	signal(w.freed)
}

func (w *Worker) busy() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.running)
}

func (w *Worker) drain(ctx context.Context, kill context.CancelFunc) {
	w.stopping.Store(true)
	if n := w.busy(); n > 0 {
		w.Log.InfoContext(ctx, "waiting for running jobs", "worker_id", w.Name, "jobs", n, "at_most", w.SoftStop.String())
	}
	hard := time.AfterFunc(w.SoftStop, kill)
	defer hard.Stop()
	w.jobs.Wait()
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one signal is as good as many
	}
}
