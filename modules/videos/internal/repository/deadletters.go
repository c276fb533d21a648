package repository

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// dead selects the jobs that failed for good; index jobs_dead.
func dead(db *gorm.DB) *gorm.DB {
	return db.Model(&jobRow{}).Where("status = 'failed' AND deleted_at IS NULL")
}

// DeadLetters returns failed jobs of all users, the latest first.
func (s *Store) DeadLetters(ctx context.Context, skip, limit int) (page domain.DeadLetters, err error) {
	db := s.db.WithContext(ctx)
	if err := dead(db).Count(&page.Total).Error; err != nil {
		return page, err
	}
	var rows []jobRow
	if err := dead(db).Order("completed_at DESC, id DESC").Offset(skip).Limit(limit).Find(&rows).Error; err != nil {
		return page, err
	}
	for _, r := range rows {
		letter := domain.DeadLetter{
			JobID: r.ID, UserID: r.UserID, Filename: r.Filename, Code: r.ErrorCode, Message: r.ErrorMessage,
			Attempt: r.Attempt, Crashes: r.CrashCount, Gone: r.SourceRemovedAt != nil,
		}
		if r.CompletedAt != nil {
			letter.FailedAt = r.CompletedAt.UTC()
		}
		page.Jobs = append(page.Jobs, letter)
	}
	return page, nil
}

// Any returns a job whoever owns it; domain.ErrNotFound.
func (s *Store) Any(ctx context.Context, jobID string) (domain.Job, error) {
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

// Retry puts a failed job at the end of the line, as if it had just been submitted; ok is false when it has not failed
// any more. The lease token stays, so that no worker of an earlier attempt is heard.
func (s *Store) Retry(ctx context.Context, job domain.Job, order domain.Order) (ok bool, err error) {
	err = s.change(ctx, func(tx *change) error {
		turn, err := tx.turn(job, order)
		if err != nil {
			return err
		}
		res := tx.Model(&jobRow{}).Where("id = ? AND status = 'failed' AND deleted_at IS NULL AND source_removed_at IS NULL", job.ID).
			Updates(map[string]any{
				"status": domain.Pending, "run_at": tx.now, "turn_at": turn, "attempt": 0, "crash_count": 0, "updated_at": tx.now,
				"error_code": "", "error_message": "", "started_at": nil, "completed_at": nil,
				"progress_percent": 0, "progress_stage": "", "progress_frames": 0, "progress_at": nil,
			})
		if ok = res.RowsAffected == 1; !ok || res.Error != nil {
			return res.Error
		}
		return tx.told(job.ID)
	})
	return ok, err
}
