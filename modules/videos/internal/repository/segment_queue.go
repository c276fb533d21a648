package repository

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

type segmentAttemptRow struct {
	JobID     string `gorm:"primaryKey"`
	Number    int    `gorm:"primaryKey;autoIncrement:false"`
	Token     int64  `gorm:"primaryKey;autoIncrement:false"`
	Attempt   int
	Worker    string
	StartedAt time.Time
	EndedAt   *time.Time
	Outcome   string
	Code      string
}

// TableName implements gorm's naming.
func (segmentAttemptRow) TableName() string { return "segment_attempts" }

func lostIfGone(err error) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.ErrLeaseLost
	}
	return err
}

// segmentFence is the condition of every write of an attempt at a segment.
func (tx *change) segmentFence(l domain.Lease) *gorm.DB {
	return tx.Model(&segmentRow{}).Where("job_id = ? AND number = ? AND state = 'running' AND lease_token = ?", l.JobID, l.Segment, l.Token).
		Where("EXISTS (SELECT 1 FROM jobs WHERE id = segments.job_id AND status IN ('pending', 'processing') AND deleted_at IS NULL)")
}

func (tx *change) renewSegment(l domain.Lease, p domain.Progress, lease time.Duration) (cancelled bool, err error) {
	res := tx.segmentFence(l).Updates(map[string]any{
		"lease_until": tx.now.Add(lease), "progress_frames": p.Frames, "progress_rate": p.Rate,
	})
	if res.Error != nil || res.RowsAffected == 1 {
		return false, res.Error
	}
	return true, tx.segmentCancelledUnder(l)
}

// segmentCancelledUnder tells an attempt whose job was cancelled, nil, from a lost one.
func (tx *change) segmentCancelledUnder(l domain.Lease) error {
	var n int64
	err := tx.Model(&segmentRow{}).Where("job_id = ? AND number = ? AND lease_token = ?", l.JobID, l.Segment, l.Token).
		Where("EXISTS (SELECT 1 FROM jobs WHERE id = segments.job_id AND status = 'cancelled')").Count(&n).Error
	if err == nil && n == 0 {
		err = domain.ErrLeaseLost
	}
	return err
}

// CompleteSegment ends the segment with its part.
func (s *Store) CompleteSegment(ctx context.Context, l domain.Lease, key string, size int64) error {
	return s.change(ctx, func(tx *change) error {
		return tx.moveSegment(tx.segmentFence(l), l, map[string]any{
			"state": domain.SegmentDone, "lease_until": nil, "part_key": key, "part_size": size, "progress_rate": 0,
			"progress_frames": gorm.Expr("to_image - from_image"),
		}, domain.Done, "")
	})
}

// ReleaseSegment gives the segment back as if the attempt had not been. The token stays, so the worker cannot write any more.
func (s *Store) ReleaseSegment(ctx context.Context, l domain.Lease) error {
	return s.change(ctx, func(tx *change) error {
		return tx.moveSegment(tx.segmentFence(l), l, map[string]any{
			"state": domain.SegmentWaiting, "lease_until": nil, "run_at": tx.now, "attempt": gorm.Expr("attempt - 1"),
			"progress_frames": 0, "progress_rate": 0,
		}, domain.Released, "")
	})
}

// AcknowledgeSegment returns domain.ErrLeaseLost unless the job was cancelled under this lease.
func (s *Store) AcknowledgeSegment(ctx context.Context, l domain.Lease) error {
	return s.change(ctx, func(tx *change) error {
		if err := tx.segmentCancelledUnder(l); err != nil {
			return err
		}
		return tx.segmentOver(l, domain.Stopped, "")
	})
}

func (tx *change) moveSegment(where *gorm.DB, l domain.Lease, values map[string]any, outcome domain.Outcome, code string) error {
	res := where.Updates(values)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return domain.ErrLeaseLost
	}
	return tx.segmentOver(l, outcome, code)
}

// segmentOver closes the line of an attempt.
func (tx *change) segmentOver(l domain.Lease, outcome domain.Outcome, code string) error {
	return tx.Model(&segmentAttemptRow{}).
		Where("job_id = ? AND number = ? AND token = ? AND ended_at IS NULL", l.JobID, l.Segment, l.Token).
		Updates(map[string]any{"ended_at": tx.now, "outcome": string(outcome), "code": code}).Error
}

// EndSegment ends an attempt without a part, as decide says, and tells what became of the segment.
func (s *Store) EndSegment(ctx context.Context, l domain.Lease, decide domain.DecideSegment) (end domain.SegmentEnding, err error) {
	err = s.change(ctx, func(tx *change) error {
		var row segmentRow
		if err := s.locked(tx.segmentFence(l)).Take(&row).Error; err != nil {
			return lostIfGone(err)
		}
		end, err = tx.endSegment(tx.segmentFence(l), row, decide)
		return err
	})
	return end, err
}

func (tx *change) endSegment(where *gorm.DB, row segmentRow, decide domain.DecideSegment) (domain.SegmentEnding, error) {
	e := decide(toSegment(row), tx.now)
	values := map[string]any{"state": e.State, "lease_until": nil, "losses": e.Losses, "progress_frames": 0, "progress_rate": 0}
	if e.State == domain.SegmentWaiting {
		values["run_at"] = stored(e.RunAt)
	}
	l := domain.Lease{JobID: row.JobID, Segment: row.Number, Token: row.LeaseToken}
	if err := tx.moveSegment(where, l, values, e.Outcome, e.Code); err != nil || e.State != domain.SegmentDropped {
		return e, err
	}
	return e, tx.drop(row.JobID)
}

// ReapSegments ends up to n attempts whose lease has expired, as decide says, and tells which they were.
func (s *Store) ReapSegments(ctx context.Context, n int, decide domain.DecideSegment) (lost []domain.Segment, err error) {
	err = s.change(ctx, func(tx *change) error {
		lost = nil
		var rows []segmentRow
		query := tx.Where("state = 'running' AND lease_until < ?", tx.now).Order("lease_until").Limit(n) // index segments_leased
		if err := s.skipLocked(query).Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			fence := tx.Model(&segmentRow{}).Where("job_id = ? AND number = ? AND state = 'running' AND lease_token = ? AND lease_until < ?",
				row.JobID, row.Number, row.LeaseToken, tx.now)
			_, err := tx.endSegment(fence, row, decide)
			if errors.Is(err, domain.ErrLeaseLost) {
				continue // another segment of the job was poison, and all are dropped
			}
			if err != nil {
				return err
			}
			lost = append(lost, toSegment(row))
		}
		return nil
	})
	return lost, err
}
