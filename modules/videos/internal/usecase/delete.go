package usecase

import (
	"context"
	"log/slog"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// DeleteStore removes jobs in two steps.
type DeleteStore interface {
	JobFinder
	// Bury hides the job from its owner and from the queue, unless it is running; ok is false then.
	Bury(ctx context.Context, userID, jobID string) (ok bool, err error)
	// Purge removes the row of a buried job.
	Purge(ctx context.Context, jobID string) error
}

// Delete removes a job: first the tombstone, then the files, then the row. A crash in between leaves a job that nobody
// sees and that the janitor finishes, never one that is there without its files.
type Delete struct {
	Store   DeleteStore
	Storage Storage
	Log     *slog.Logger
}

// Do deletes. domain.ErrNotFound; domain.ErrRunning. With keepFiles the files stay until the sweep of unreferenced ones.
func (d *Delete) Do(ctx context.Context, userID, rawID string, keepFiles bool) (domain.Deletion, error) {
	job, err := find(ctx, d.Store, userID, rawID)
	if err != nil {
		return domain.Deletion{}, err
	}
	ok, err := d.Store.Bury(ctx, userID, job.ID)
	if err != nil {
		return domain.Deletion{}, err
	}
	if !ok {
		return domain.Deletion{}, d.refusal(ctx, userID, job.ID)
	}
	ctx = context.WithoutCancel(ctx) // the job is gone for its owner; go on with it
	gone := domain.Deletion{JobID: job.ID}
	if !keepFiles {
		gone, err = removeFiles(ctx, d.Storage, job)
	}
	if err == nil {
		err = d.Store.Purge(ctx, job.ID)
	}
	if err != nil {
		d.Log.WarnContext(ctx, "deletion left to the janitor", "job_id", job.ID, "err", err)
	}
	d.Log.InfoContext(ctx, "job deleted", "job_id", job.ID, "user_id", userID, "bytes", gone.Freed)
	return gone, nil
}

// refusal tells a job that runs from one that another request deleted in between.
func (d *Delete) refusal(ctx context.Context, userID, jobID string) error {
	job, err := d.Store.Find(ctx, userID, jobID)
	if err != nil {
		return err
	}
	return domain.ErrRunning.Sayf("Job '%s' has status '%s', but 'completed, failed, or cancelled' is required; cancel it first.", jobID, job.Status)
}

// removeFiles removes the video and the archives of all attempts. What was removed is told even with an error.
func removeFiles(ctx context.Context, storage Storage, job domain.Job) (domain.Deletion, error) {
	gone := domain.Deletion{JobID: job.ID}
	keys := []string{job.Source.Key}
	prefix := domain.ResultPrefix(job.Owner.ID, job.ID)
	err := storage.List(ctx, prefix, func(s domain.Stored) error {
		keys = append(keys, s.Key)
		return nil
	})
	if err != nil {
		return gone, err
	}
	for _, key := range keys {
		freed, err := storage.Delete(ctx, key)
		if err != nil {
			return gone, err
		}
		if freed > 0 {
			gone.Files = append(gone.Files, key)
			gone.Freed += freed
		}
	}
	return gone, nil
}
