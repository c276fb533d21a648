package videos

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/modules/videos/internal/repository"
	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
	"github.com/fiapx/fiapx/platform/database"
)

// Operator is what whoever runs the service may do to its queue from the machine of the database, beside the servers that
// run. Safe for concurrent use.
type Operator struct {
	jobs    *usecase.Retry
	workers *usecase.Workers
}

// NewOperator works on the module's database. Of the configuration it needs the order of the queue.
func NewOperator(cfg Config, db *database.DB, log *slog.Logger, now func() time.Time) Operator {
	ring := func() {} // the servers' relay looks into the outbox every few seconds
	store := repository.New(db, clockOf(db, now), uuid.NewString, ring)
	return Operator{
		jobs:    &usecase.Retry{Store: store, Order: domain.Order{Turn: cfg.Turn, Step: cfg.Step}, Log: log},
		workers: &usecase.Workers{Store: store},
	}
}

// clockOf is the database's clock where there are many machines, and this process's where there is one.
func clockOf(db *database.DB, now func() time.Time) repository.Clock {
	if database.Dialect(db) == database.Postgres {
		return repository.DatabaseClock
	}
	return repository.ProcessClock(now)
}

// DeadLetter is a job that has failed for good.
type DeadLetter struct {
	JobID    string    `json:"job_id"`
	UserID   string    `json:"user_id"`
	Filename string    `json:"original_filename"`
	Code     string    `json:"error_code"`
	Message  string    `json:"error_message"`
	FailedAt time.Time `json:"failed_at"`
	Attempt  int       `json:"attempts"` // since the last submission or retry
	Crashes  int       `json:"crashes"`  // of them, those that killed the decoder or the worker
	Gone     bool      `json:"video_gone"`
}

// DeadLetters lists failed jobs of all users, the latest first, at most 100 at a time.
func (o Operator) DeadLetters(ctx context.Context, skip, limit int) (jobs []DeadLetter, total int64, err error) {
	page, err := o.jobs.DeadLetters(ctx, skip, limit)
	for _, j := range page.Jobs {
		jobs = append(jobs, DeadLetter(j))
	}
	return jobs, page.Total, err
}

// Requeue has a failed job tried again. The errors are faults: not found, has not failed, the video is gone.
func (o Operator) Requeue(ctx context.Context, jobID string) error {
	_, err := o.jobs.Requeue(ctx, jobID)
	return err
}

// Worker is a live worker as it described itself last.
type Worker struct {
	ID          string    `json:"worker_id"`
	Version     string    `json:"version"`
	State       string    `json:"state"`
	Capacity    int       `json:"max_concurrent_jobs"`
	Running     int       `json:"active_jobs"`
	Completed   int64     `json:"processed_jobs"`
	Failed      int64     `json:"failed_jobs"`
	SuccessRate float64   `json:"success_rate"` // percent
	StartedAt   time.Time `json:"started_at"`
	LastSeen    time.Time `json:"last_seen"`
}

// Workers lists the live workers, by name.
func (o Operator) Workers(ctx context.Context) ([]Worker, error) {
	list, err := o.workers.List(ctx)
	workers := make([]Worker, len(list))
	for i, w := range list {
		workers[i] = Worker{
			ID: w.ID, Version: w.Version, State: w.State, Capacity: w.Capacity, Running: w.Running, Completed: w.Completed,
			Failed: w.Failed, SuccessRate: w.SuccessRate(), StartedAt: w.StartedAt, LastSeen: w.LastSeen,
		}
	}
	return workers, err
}
