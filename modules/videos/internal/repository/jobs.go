package repository

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Insert stores the job with its event and its key, and returns it with its times and its place in line.
func (s *Store) Insert(ctx context.Context, n domain.NewJob) (domain.Job, error) {
	job := n.Job
	err := s.change(ctx, func(tx *change) error {
		if err := tx.spend(n); err != nil {
			return err
		}
		job.CreatedAt, job.UpdatedAt, job.RunAt = tx.now, tx.now, tx.now
		turn, err := tx.turn(job, n.Order)
		if err != nil {
			return err
		}
		job.TurnAt = turn
		row, err := fromJob(job)
		if err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return tx.announce(job)
	})
	return job, err
}

// turn is the place in line of a job that comes now.
func (tx *change) turn(job domain.Job, order domain.Order) (time.Time, error) {
	var ahead int64
	err := tx.Model(&jobRow{}). // index jobs_open
					Where("user_id = ? AND priority >= ? AND status IN ('pending', 'processing') AND deleted_at IS NULL", job.Owner.ID, job.Priority).
					Count(&ahead).Error
	return stored(order.TurnAt(tx.now, job.Priority, ahead)), err
}

// Find returns a job of the user; domain.ErrNotFound.
func (s *Store) Find(ctx context.Context, userID, jobID string) (domain.Job, error) {
	var row jobRow
	err := s.db.WithContext(ctx).Where("id = ? AND user_id = ? AND deleted_at IS NULL", jobID, userID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Job{}, domain.ErrNotFound
	}
	if err != nil {
		return domain.Job{}, err
	}
	return toJob(row)
}

// Position is the job's place in the order in which jobs are claimed; 1 is next.
func (s *Store) Position(ctx context.Context, job domain.Job) (int64, error) {
	var ahead int64
	err := s.db.WithContext(ctx).Model(&jobRow{}). // index jobs_due
							Where("status = 'pending' AND deleted_at IS NULL").
							Where("(turn_at, id) < (?, ?)", job.TurnAt, job.ID).
							Count(&ahead).Error
	return ahead + 1, err
}

// Cancel ends a job that has not ended; ok is false when it had, or is not the user's.
func (s *Store) Cancel(ctx context.Context, userID, jobID string) (ok bool, err error) {
	err = s.change(ctx, func(tx *change) error {
		job := tx.Where("id = ? AND user_id = ? AND deleted_at IS NULL AND status IN ?", jobID, userID, domain.Before(domain.Cancelled))
		ok, err = tx.cancel(job, jobID)
		return err
	})
	return ok, err
}

// cancel ends the job if it is still as the query says.
func (tx *change) cancel(query *gorm.DB, jobID string) (ok bool, err error) {
	res := query.Model(&jobRow{}).Updates(map[string]any{
		"status": domain.Cancelled, "lease_until": nil, "cancel_requested_at": tx.now, "completed_at": tx.now, "updated_at": tx.now,
	})
	if ok = res.RowsAffected == 1; !ok || res.Error != nil {
		return ok, res.Error
	}
	if err := tx.over(jobID, domain.Stopped, ""); err != nil {
		return ok, err
	}
	return ok, tx.told(jobID)
}

// told reads the job as it stands after a write and announces it.
func (tx *change) told(jobID string) error {
	job, err := tx.job(jobID)
	if err != nil {
		return err
	}
	return tx.announce(job)
}

func (tx *change) job(jobID string) (domain.Job, error) {
	var row jobRow
	if err := tx.Where("id = ?", jobID).Take(&row).Error; err != nil {
		return domain.Job{}, err
	}
	return toJob(row)
}

// Bury hides a job that is not running.
func (s *Store) Bury(ctx context.Context, userID, jobID string) (ok bool, err error) {
	err = s.change(ctx, func(tx *change) error {
		res := tx.Model(&jobRow{}).
			Where("id = ? AND user_id = ? AND deleted_at IS NULL AND status <> ?", jobID, userID, domain.Processing).
			Updates(map[string]any{"deleted_at": tx.now})
		ok = res.RowsAffected == 1
		return res.Error
	})
	return ok, err
}

// Purge removes the row of a buried job.
func (s *Store) Purge(ctx context.Context, jobID string) error {
	return s.change(ctx, func(tx *change) error {
		return tx.Where("id = ? AND deleted_at IS NOT NULL", jobID).Delete(&jobRow{}).Error
	})
}

// CountDownload notes that the archive went out once more.
func (s *Store) CountDownload(ctx context.Context, jobID string) error {
	return s.change(ctx, func(tx *change) error {
		return tx.Exec(`UPDATE jobs SET download_count = download_count + 1, last_downloaded_at = ?,
			first_downloaded_at = COALESCE(first_downloaded_at, ?) WHERE id = ?`, tx.now, tx.now, jobID).Error
	})
}
