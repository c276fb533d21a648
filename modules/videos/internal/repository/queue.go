package repository

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// fence is the condition of every write of an attempt.
func (tx *change) fence(l domain.Lease) *gorm.DB {
	return tx.Model(&jobRow{}).Where("id = ? AND status = 'processing' AND lease_token = ?", l.JobID, l.Token)
}

// Renew extends the lease and stores the progress.
func (s *Store) Renew(ctx context.Context, l domain.Lease, p domain.Progress, lease time.Duration) (cancelled bool, err error) {
	err = s.change(ctx, func(tx *change) error {
		if l.Segment > 0 {
			cancelled, err = tx.renewSegment(l, p, lease)
			if cancelled || err != nil {
				return err
			}
			return tx.seen(l.Worker)
		}
		res := tx.fence(l).Updates(map[string]any{
			"lease_until": tx.now.Add(lease), "updated_at": tx.now, "progress_at": tx.now,
			"progress_percent": gorm.Expr("CASE WHEN progress_percent > ? THEN progress_percent ELSE ? END", p.Percent, p.Percent),
			"progress_stage":   gorm.Expr("CASE WHEN ? = '' THEN progress_stage ELSE ? END", p.Stage, p.Stage),
			"progress_frames":  p.Frames, "progress_rate": p.Rate, "progress_eta": p.ETA,
		})
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			cancelled = true
			return tx.cancelledUnder(l)
		}
		return tx.seen(l.Worker)
	})
	return cancelled && err == nil, err
}

func (tx *change) seen(worker string) error {
	return tx.Model(&workerRow{}).Where("id = ?", worker).Updates(map[string]any{"last_seen": tx.now}).Error
}

// cancelledUnder tells a cancelled attempt, nil, from a lost one.
func (tx *change) cancelledUnder(l domain.Lease) error {
	var n int64
	err := tx.Model(&jobRow{}).Where("id = ? AND status = 'cancelled' AND lease_token = ?", l.JobID, l.Token).Count(&n).Error
	if err == nil && n == 0 {
		err = domain.ErrLeaseLost
	}
	return err
}

// Acknowledge returns domain.ErrLeaseLost unless the job was cancelled under this lease.
func (s *Store) Acknowledge(ctx context.Context, l domain.Lease) error {
	return s.change(ctx, func(tx *change) error { return tx.cancelledUnder(l) })
}

// Complete ends the job with its result.
func (s *Store) Complete(ctx context.Context, l domain.Lease, r domain.Result) (job domain.Job, err error) {
	err = s.change(ctx, func(tx *change) error {
		done := domain.DoneProgress(r.Frames)
		job, err = tx.move(tx.fence(l), l.JobID, map[string]any{
			"status": domain.Completed, "lease_until": nil, "completed_at": tx.now, "updated_at": tx.now,
			"result_key": r.Key, "result_size": r.Size, "result_sha256": r.SHA256, "frame_count": r.Frames,
			"truncated": r.Truncated, "partial_reason": r.Partial, "damaged_at": r.DamagedAt, "error_code": "", "error_message": "",
			"progress_percent": done.Percent, "progress_stage": done.Stage, "progress_frames": done.Frames,
			"progress_rate": 0, "progress_eta": 0, "progress_at": tx.now,
		}, domain.Done, "")
		return err
	})
	return job, err
}

// move ends an attempt: it writes the change of state, logs the outcome and announces the job. domain.ErrLeaseLost when
// the condition no longer holds.
func (tx *change) move(where *gorm.DB, jobID string, values map[string]any, outcome domain.Outcome, code string) (domain.Job, error) {
	res := where.Updates(values)
	if res.Error != nil {
		return domain.Job{}, res.Error
	}
	if res.RowsAffected == 0 {
		return domain.Job{}, domain.ErrLeaseLost
	}
	if err := tx.over(jobID, outcome, code); err != nil {
		return domain.Job{}, err
	}
	job, err := tx.job(jobID)
	if err != nil || job.Status == domain.Pending && job.RunAt.After(tx.now) {
		return job, err // a job that has to wait is found by the poll; a hint now would come too early
	}
	return job, tx.announce(job)
}

// Release gives the job back as if the attempt had not been. The token stays, so the worker cannot write any more.
func (s *Store) Release(ctx context.Context, l domain.Lease) error {
	return s.change(ctx, func(tx *change) error {
		_, err := tx.move(tx.fence(l), l.JobID, map[string]any{
			"status": domain.Pending, "lease_until": nil, "run_at": tx.now, "updated_at": tx.now, "started_at": nil,
			"attempt": gorm.Expr("attempt - 1"), "progress_percent": 0, "progress_stage": "", "progress_at": nil,
		}, domain.Released, "")
		return err
	})
}

// End ends an attempt without a result, as decide says.
func (s *Store) End(ctx context.Context, l domain.Lease, decide domain.Decide) (job domain.Job, err error) {
	err = s.change(ctx, func(tx *change) error {
		var row jobRow
		err := s.locked(tx.fence(l)).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return domain.ErrLeaseLost
		}
		if err != nil {
			return err
		}
		job, err = tx.end(tx.fence(l), row, decide)
		return err
	})
	return job, err
}

func (tx *change) end(where *gorm.DB, row jobRow, decide domain.Decide) (domain.Job, error) {
	before, err := toJob(row)
	if err != nil {
		return before, err
	}
	e := decide(before, tx.now)
	values := map[string]any{
		"status": e.Status, "lease_until": nil, "crash_count": e.CrashCount, "updated_at": tx.now,
		"error_code": e.Code, "error_message": e.Message, "completed_at": tx.now,
	}
	if e.Status == domain.Pending {
		// The user sees no error of an attempt that will be repeated.
		values["run_at"], values["completed_at"] = stored(e.RunAt), nil
		values["error_code"], values["error_message"], values["started_at"] = "", "", nil
		values["progress_percent"], values["progress_stage"], values["progress_at"] = 0, "", nil
	}
	return tx.move(where, row.ID, values, e.Outcome, e.Code)
}

// Reap ends attempts whose lease has expired, as decide says.
func (s *Store) Reap(ctx context.Context, n int, decide domain.Decide) (jobs []domain.Job, err error) {
	err = s.change(ctx, func(tx *change) error {
		jobs = nil
		var rows []jobRow
		query := tx.Where("status = 'processing' AND lease_until < ?", tx.now).Order("lease_until").Limit(n) // index jobs_leased
		if err := s.skipLocked(query).Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			lease := domain.Lease{JobID: row.ID, Token: row.LeaseToken}
			job, err := tx.end(tx.fence(lease).Where("lease_until < ?", tx.now), row, decide)
			if err != nil {
				return err
			}
			jobs = append(jobs, job)
		}
		return nil
	})
	return jobs, err
}
