package usecase

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// maxRenewal is how long a running job may go without asking whether it is still wanted. It is shorter than what the
// lease needs, because progress goes out and a cancellation comes in by the same call: work must have stopped within a
// second of the request even where no message bus reaches the worker.
const maxRenewal = 500 * time.Millisecond

// renewer is the part of the queue that keeps a lease.
type renewer interface {
	Renew(ctx context.Context, l domain.Lease, p domain.Progress) (cancelled bool, err error)
}

// heartbeat keeps the lease of one job in its own goroutine, so that no amount of decoding delays it, and stops the work
// when it is no longer wanted: cancelled, taken over, or possibly about to be taken over.
type heartbeat struct {
	queue    renewer
	lease    domain.Lease
	asked    time.Time // when the claim was sent
	progress func() domain.Progress
	stop     context.CancelCauseFunc // of the work
	nudge    <-chan struct{}
	log      *slog.Logger

	patience time.Duration
	fuse     *time.Timer // stops the work when no renewal has succeeded for the whole patience, even while one hangs
	renewed  time.Time   // when the claim, or the last successful renewal, was sent
	failing  bool
	done     chan struct{}
	quit     context.CancelFunc
}

func startHeartbeat(ctx context.Context, h heartbeat) *heartbeat {
	h.renewed = h.asked
	h.patience = h.lease.Patience()
	h.fuse = time.AfterFunc(max(0, h.patience-time.Since(h.asked)), func() { h.stop(domain.ErrLeaseLost) })
	h.done = make(chan struct{})
	ctx, h.quit = context.WithCancel(ctx)
	go h.loop(ctx)
	return &h
}

// end stops the heartbeat and waits for it; until the deadline nobody else can have the job.
func (h *heartbeat) end() (deadline time.Time) {
	h.quit()
	<-h.done
	h.fuse.Stop()
	return h.renewed.Add(h.patience)
}

func (h *heartbeat) loop(ctx context.Context) {
	defer close(h.done)
	tick := time.NewTicker(max(min(h.lease.Every, maxRenewal), time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-h.nudge:
		}
		if ctx.Err() == nil {
			h.renew(ctx)
		}
	}
}

func (h *heartbeat) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	sent := time.Now()
	cancelled, err := h.queue.Renew(ctx, h.lease, h.progress())
	switch {
	case errors.Is(err, domain.ErrLeaseLost):
		h.stop(domain.ErrLeaseLost)
	case err != nil:
		h.failed(ctx, err)
	case cancelled:
		h.stop(errCancelled)
	default:
		h.succeeded(ctx, sent)
	}
}

func (h *heartbeat) succeeded(ctx context.Context, sent time.Time) {
	h.renewed = sent
	h.fuse.Reset(max(0, h.patience-time.Since(sent)))
	if h.failing {
		h.failing = false
		h.log.InfoContext(ctx, "lease renewed again")
	}
}

// failed tells once per outage: the fuse decides when it has lasted too long.
func (h *heartbeat) failed(ctx context.Context, err error) {
	if !h.failing && !errors.Is(err, context.Canceled) {
		h.failing = true
		h.log.WarnContext(ctx, "lease not renewed", "err", err)
	}
}
