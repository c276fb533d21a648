package usecase

import (
	"context"
	"log/slog"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// RetryStore gives failed jobs another chance.
type RetryStore interface {
	JobFinder
	// Any finds a job whoever owns it; domain.ErrNotFound.
	Any(ctx context.Context, jobID string) (domain.Job, error)
	// Retry puts the job back into the line if it has failed, in one conditional write; ok is false when it has not.
	Retry(ctx context.Context, job domain.Job, order domain.Order) (ok bool, err error)
	// Attempts is the log of a job, oldest first.
	Attempts(ctx context.Context, jobID string) ([]domain.Attempt, error)
	DeadLetters(ctx context.Context, skip, limit int) (domain.DeadLetters, error)
}

// Retry is what can be done about jobs that have failed.
type Retry struct {
	Store RetryStore
	Order domain.Order
	Log   *slog.Logger
}

// Do lets the owner try again. domain.ErrNotFound, domain.ErrCannotRetry, domain.ErrSourceGone.
func (r *Retry) Do(ctx context.Context, userID, rawID string) (jobID string, err error) {
	job, err := find(ctx, r.Store, userID, rawID)
	if err != nil {
		return "", err
	}
	return job.ID, r.again(ctx, job, "owner")
}

// Requeue does the same for an operator, to any user's job.
func (r *Retry) Requeue(ctx context.Context, rawID string) (jobID string, err error) {
	id, err := domain.ParseID(rawID)
	if err != nil {
		return "", err
	}
	job, err := r.Store.Any(ctx, id)
	if err != nil {
		return "", err
	}
	return job.ID, r.again(ctx, job, "operator")
}

func (r *Retry) again(ctx context.Context, job domain.Job, by string) error {
	if job.Status != domain.Failed {
		return domain.ErrCannotRetry
	}
	if job.Source.RemovedAt != nil {
		return domain.ErrSourceGone
	}
	ok, err := r.Store.Retry(ctx, job, r.Order)
	if err != nil {
		return err
	}
	if !ok { // it has moved since it was read
		return domain.ErrCannotRetry
	}
	r.Log.InfoContext(ctx, "failed job to be tried again", "job_id", job.ID, "by", by, "code", job.ErrorCode)
	return nil
}

// Attempts is the log of the user's job.
func (r *Retry) Attempts(ctx context.Context, userID, rawID string) (jobID string, log []domain.Attempt, err error) {
	job, err := find(ctx, r.Store, userID, rawID)
	if err != nil {
		return "", nil, err
	}
	log, err = r.Store.Attempts(ctx, job.ID)
	return job.ID, log, err
}

// DeadLetters lists failed jobs of all users, the latest first; a limit above 100 counts as 100.
func (r *Retry) DeadLetters(ctx context.Context, skip, limit int) (domain.DeadLetters, error) {
	return r.Store.DeadLetters(ctx, max(0, skip), min(max(1, limit), maxPage))
}
