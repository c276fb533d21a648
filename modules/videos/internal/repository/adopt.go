package repository

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Standing returns anybody's job, also a buried one.
func (s *Store) Standing(ctx context.Context, jobID string) (job domain.Job, buried bool, err error) {
	var row jobRow
	err = s.db.WithContext(ctx).Where("id = ?", jobID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Job{}, false, domain.ErrNotFound
	}
	if err != nil {
		return domain.Job{}, false, err
	}
	job, err = toJob(row)
	return job, row.DeletedAt != nil, err
}

// AdoptJob inserts the row as it is, with its own times and without an event: what happened elsewhere is no news.
func (s *Store) AdoptJob(ctx context.Context, job domain.Job, past domain.Past) (added bool, err error) {
	row, err := fromJob(job)
	if err != nil {
		return false, err
	}
	row.TurnAt = stored(row.TurnAt) // waiting jobs keep the order in which they were submitted
	row.RunAt, row.CreatedAt, row.UpdatedAt = stored(row.RunAt), stored(row.CreatedAt), stored(row.UpdatedAt)
	row.SourceRemovedAt, row.StartedAt, row.CompletedAt = utc(job.Source.RemovedAt), utc(job.StartedAt), utc(job.CompletedAt)
	row.DownloadCount, row.FirstDownloadedAt, row.LastDownloadedAt = past.Downloads, utc(past.FirstDownloaded), utc(past.LastDownloaded)
	row.ErrorCode, row.ErrorMessage = job.ErrorCode, job.ErrorMessage
	if r := job.Result; r != nil {
		row.ResultKey, row.ResultSize, row.ResultSHA256, row.FrameCount = r.Key, r.Size, r.SHA256, &r.Frames
		row.ProgressPercent = 100
	}
	err = s.change(ctx, func(tx *change) error {
		done := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoNothing: true}).Create(&row)
		added = done.RowsAffected == 1
		return done.Error
	})
	return added, err
}

// Complement changes only what was missing. A failed job waits again in one case alone: it never ran here, for want of its
// video.
func (s *Store) Complement(ctx context.Context, job domain.Job) error {
	return s.change(ctx, func(tx *change) error {
		if job.Source.RemovedAt == nil {
			err := tx.Exec(`UPDATE jobs SET source_removed_at = NULL, source_size = ?, source_sha256 = ? WHERE id = ? AND source_removed_at IS NOT NULL`,
				job.Source.Size, job.Source.SHA256, job.ID).Error
			if err != nil {
				return err
			}
		}
		if r := job.Result; r != nil && r.SHA256 != "" {
			err := tx.Exec(`UPDATE jobs SET result_size = ?, result_sha256 = ? WHERE id = ? AND result_key = ?`, r.Size, r.SHA256, job.ID, r.Key).Error
			if err != nil {
				return err
			}
		}
		if job.Status != domain.Pending {
			return nil
		}
		return tx.Exec(`UPDATE jobs SET status = 'pending', error_code = '', error_message = '', completed_at = NULL, user_email = ?, run_at = ?, updated_at = ?
			WHERE id = ? AND status = 'failed' AND error_code = ? AND deleted_at IS NULL`,
			job.Owner.Email, tx.now, tx.now, job.ID, domain.ErrSourceLost.Code).Error
	})
}
