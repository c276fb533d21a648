package usecase

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// settlement tells the queue how an attempt ended.
type settlement struct {
	queue    Queue
	storage  Storage
	log      *slog.Logger
	claim    domain.Claim
	deadline time.Time // of the lease, on our clock
}

func (s settlement) settle(ctx context.Context, result domain.Result, err, stopped error) domain.Outcome {
	lease := s.claim.Lease
	switch {
	case err == nil:
		return s.complete(ctx, result)
	case errors.Is(stopped, errCancelled):
		s.log.InfoContext(ctx, "work stopped by its owner")
		_ = s.write(ctx, "cancellation", func(ctx context.Context) error { return s.queue.Cancelled(ctx, lease) })
		return domain.Cancelled
	case errors.Is(stopped, domain.ErrLeaseLost):
		s.log.WarnContext(ctx, "lease lost, work dropped")
		return domain.Lost
	case stopped != nil:
		s.log.InfoContext(ctx, "job given back unfinished")
		_ = s.write(ctx, "release", func(ctx context.Context) error { return s.queue.Release(ctx, lease) })
		return domain.Released
	default:
		failure := domain.FailureOf(err)
		_ = s.write(ctx, "failure", func(ctx context.Context) error { return s.queue.Fail(ctx, lease, failure) })
		return domain.Failed
	}
}

// complete publishes the result. When the queue refuses it at the first try the object is nobody's and goes; after an
// unclear try it must stay, since the job may well point at it, and the janitor finds out.
func (s settlement) complete(ctx context.Context, r domain.Result) domain.Outcome {
	tries := 0
	err := s.write(ctx, "completion", func(ctx context.Context) error {
		tries++
		return s.queue.Complete(ctx, s.claim.Lease, r)
	})
	if err == nil {
		return domain.Completed
	}
	if tries != 1 || !errors.Is(err, domain.ErrLeaseLost) {
		return domain.Lost
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if err := s.storage.Delete(ctx, r.Key); err != nil {
		s.log.WarnContext(ctx, "unwanted result left to the janitor", "err", err)
	}
	// It may have been refused because the user cancelled meanwhile; then the queue waits to hear that work has stopped.
	if err := s.queue.Cancelled(ctx, s.claim.Lease); err != nil && !errors.Is(err, domain.ErrLeaseLost) {
		s.log.WarnContext(ctx, "outcome not recorded", "outcome", "cancellation", "err", err)
	}
	return domain.Lost
}

// write repeats a write through a short outage, until it is done, refused, or the lease may have passed to another.
func (s settlement) write(ctx context.Context, outcome string, do func(context.Context) error) error {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := bounded(ctx, do)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, domain.ErrLeaseLost):
			s.log.WarnContext(ctx, "outcome refused, another attempt has the job", "outcome", outcome)
			return err
		case time.Now().Add(wait).After(s.deadline):
			s.log.ErrorContext(ctx, "outcome not recorded", "outcome", outcome, "err", err)
			return err
		}
		pause(ctx, wait)
	}
}

func bounded(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return do(ctx)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
