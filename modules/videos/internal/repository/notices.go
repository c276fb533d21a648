package repository

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// ByID returns anybody's job.
func (s *Store) ByID(ctx context.Context, jobID string) (domain.Job, error) {
	var row jobRow
	err := s.db.WithContext(ctx).Where("id = ? AND deleted_at IS NULL", jobID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Job{}, domain.ErrNotFound
	}
	if err != nil {
		return domain.Job{}, err
	}
	return toJob(row)
}

// firstID is before every id; PostgreSQL compares ids with nothing that is none.
const firstID = "00000000-0000-0000-0000-000000000000"

// Ended pages through the jobs that have ended, by the index jobs_finished.
func (s *Store) Ended(ctx context.Context, after time.Time, id string, n int) ([]domain.Ended, error) {
	after = stored(after)
	if id == "" {
		id = firstID
	}
	var rows []jobRow
	err := s.db.WithContext(ctx).Select("id", "status", "completed_at").
		Where("completed_at >= ? AND (completed_at > ? OR id > ?)", after, after, id).
		Where("status IN ? AND deleted_at IS NULL", []domain.Status{domain.Completed, domain.Failed}).
		Order("completed_at, id").Limit(n).Find(&rows).Error
	ended := make([]domain.Ended, len(rows))
	for i, r := range rows {
		ended[i] = domain.Ended{JobID: r.ID, Status: domain.Status(r.Status), At: r.CompletedAt.UTC()}
	}
	return ended, err
}
