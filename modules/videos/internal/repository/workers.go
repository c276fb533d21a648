package repository

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Report stores what a worker says of itself. Uptime is on the worker's clock, the times are on the database's.
func (s *Store) Report(ctx context.Context, w domain.Worker, uptime time.Duration) error {
	return s.change(ctx, func(tx *change) error {
		row := workerRow{
			ID: w.ID, Version: w.Version, State: w.State, Capacity: w.Capacity, Running: w.Running, Completed: w.Completed,
			Failed: w.Failed, StartedAt: stored(tx.now.Add(-uptime)), LastSeen: tx.now,
		}
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "id"}},
			DoUpdates: clause.AssignmentColumns([]string{
				"version", "state", "capacity", "running", "completed", "failed", "started_at", "last_seen",
			}),
		}).Create(&row).Error
	})
}

// Workers lists those seen in the last so long, and not stopped, by name.
func (s *Store) Workers(ctx context.Context, within time.Duration) ([]domain.Worker, error) {
	var rows []workerRow
	err := s.change(ctx, func(tx *change) error {
		return tx.Where("last_seen >= ? AND state <> ?", stored(tx.now.Add(-within)), domain.WorkerStopped).Order("id").Find(&rows).Error
	})
	workers := make([]domain.Worker, len(rows))
	for i, r := range rows {
		workers[i] = domain.Worker{
			ID: r.ID, Version: r.Version, State: r.State, Capacity: r.Capacity, Running: r.Running, Completed: r.Completed,
			Failed: r.Failed, StartedAt: r.StartedAt.UTC(), LastSeen: r.LastSeen.UTC(),
		}
	}
	return workers, err
}
