package usecase

import (
	"context"
	"strings"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// JobFinder finds a job of a user. domain.ErrNotFound for all that is not this user's.
type JobFinder interface {
	Find(ctx context.Context, userID, jobID string) (domain.Job, error)
}

// ListStore pages through the jobs of a user.
type ListStore interface {
	List(ctx context.Context, userID string, f domain.Filter) (domain.Page, error)
	Active(ctx context.Context, userID string, limit int) ([]domain.Job, error)
}

// List shows a user's jobs.
type List struct{ Store ListStore }

const maxPage = 100

// Do lists the jobs in a status, newest first. The filter takes any case; a limit above 100 counts as 100.
func (l *List) Do(ctx context.Context, userID, status string, skip, limit int) (domain.Page, error) {
	f := domain.Filter{Status: domain.Status(strings.ToLower(status)), Skip: max(0, skip), Limit: min(max(1, limit), maxPage)}
	if f.Status != "" && !f.Status.Valid() {
		return domain.Page{}, domain.ErrBadFilter
	}
	return l.Store.List(ctx, userID, f)
}

const maxActive = 50

// Active lists the running jobs, newest first.
func (l *List) Active(ctx context.Context, userID string) ([]domain.Job, error) {
	return l.Store.Active(ctx, userID, maxActive)
}

// ShowStore finds a job and its place in the queue.
type ShowStore interface {
	JobFinder
	Position(ctx context.Context, job domain.Job) (int64, error)
}

// Show is one job as it stands now.
type Show struct {
	Store ShowStore
	Now   func() time.Time
}

// Do returns the job; domain.ErrNotFound.
func (s *Show) Do(ctx context.Context, userID, rawID string) (domain.View, error) {
	job, err := find(ctx, s.Store, userID, rawID)
	if err != nil {
		return domain.View{}, err
	}
	view := domain.View{Job: job, Now: s.Now()}
	if job.Status == domain.Pending {
		view.QueuePosition, err = s.Store.Position(ctx, job)
	}
	return view, err
}

func find(ctx context.Context, store JobFinder, userID, rawID string) (domain.Job, error) {
	id, err := domain.ParseID(rawID)
	if err != nil {
		return domain.Job{}, err
	}
	return store.Find(ctx, userID, id)
}
