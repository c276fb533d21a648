package usecase

import (
	"context"
	"log/slog"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// CancelStore ends jobs on their owner's request.
type CancelStore interface {
	JobFinder
	// Cancel ends the job if it has not ended yet, in one conditional write; ok is false when it had.
	Cancel(ctx context.Context, userID, jobID string) (ok bool, err error)
}

// Cancel stops a job. From that moment no result of it is accepted; the worker learns of it at its next heartbeat.
type Cancel struct {
	Store CancelStore
	Log   *slog.Logger
}

// Do cancels. domain.ErrNotFound; domain.ErrCannotCancel when the job has ended already.
func (c *Cancel) Do(ctx context.Context, userID, rawID string) (jobID string, err error) {
	id, err := domain.ParseID(rawID)
	if err != nil {
		return "", err
	}
	ok, err := c.Store.Cancel(ctx, userID, id)
	if err != nil {
		return "", err
	}
	if ok {
		c.Log.InfoContext(ctx, "job cancelled", "job_id", id, "user_id", userID)
		return id, nil
	}
	job, err := c.Store.Find(ctx, userID, id)
	if err != nil {
		return "", err
	}
	return "", domain.ErrCannotCancel.Sayf("Cannot cancel job with status: %s", job.Status)
}
