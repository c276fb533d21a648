package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// WorkerStore is the registry of workers.
type WorkerStore interface {
	Report(ctx context.Context, w domain.Worker, uptime time.Duration) error
	// Workers lists those seen within so long, by name.
	Workers(ctx context.Context, within time.Duration) ([]domain.Worker, error)
}

// Workers knows which workers there are.
type Workers struct{ Store WorkerStore }

// Report notes what a worker says of itself.
func (w *Workers) Report(ctx context.Context, worker domain.Worker, uptime time.Duration) error {
	return w.Store.Report(ctx, worker, uptime)
}

// List shows the live ones.
func (w *Workers) List(ctx context.Context) ([]domain.Worker, error) {
	return w.Store.Workers(ctx, workerAlive)
}
