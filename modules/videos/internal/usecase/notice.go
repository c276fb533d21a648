package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// NoticeStore finds jobs for whoever tells their owners.
type NoticeStore interface {
	PreferenceStore
	// ByID returns a job that has not been deleted; domain.ErrNotFound.
	ByID(ctx context.Context, jobID string) (domain.Job, error)
	// Ended returns up to n jobs that completed or failed after the given instant and id, oldest first.
	Ended(ctx context.Context, after time.Time, id string, n int) ([]domain.Ended, error)
}

// Notices tells what owners are to be told.
type Notices struct{ Store NoticeStore }

// Notice describes a job as it stands and what its owner wants to hear; ok is false when it is gone.
func (uc Notices) Notice(ctx context.Context, jobID string) (n domain.Notice, ok bool, err error) {
	job, err := uc.Store.ByID(ctx, jobID)
	if errors.Is(err, domain.ErrNotFound) {
		return domain.Notice{}, false, nil
	}
	if err != nil {
		return domain.Notice{}, false, err
	}
	stored, err := uc.Store.Preferences(ctx, job.Owner.ID)
	if err != nil {
		return domain.Notice{}, false, err
	}
	return domain.NewNotice(job, stored.WithDefaults()), true, nil
}
