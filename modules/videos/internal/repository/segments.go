package repository

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

type segmentRow struct {
	JobID          string `gorm:"primaryKey"`
	Number         int    `gorm:"primaryKey;autoIncrement:false"`
	UserID         string
	FromImage      int
	ToImage        int
	State          string
	TurnAt         time.Time
	RunAt          time.Time
	Attempt        int
	Losses         int
	LeaseOwner     string
	LeaseToken     int64
	LeaseUntil     *time.Time
	Led            bool
	ProgressFrames int
	ProgressRate   float64
	PartKey        string
	PartSize       int64
}

// TableName implements gorm's naming.
func (segmentRow) TableName() string { return "segments" }

func toSegment(r segmentRow) domain.Segment {
	return domain.Segment{
		JobID: r.JobID, Number: r.Number, Stretch: domain.Stretch{From: r.FromImage, To: r.ToImage}, State: domain.SegmentState(r.State),
		Attempt: r.Attempt, Losses: r.Losses, Token: r.LeaseToken, Owner: r.LeaseOwner, Until: utc(r.LeaseUntil),
		Key: r.PartKey, Size: r.PartSize, Frames: r.ProgressFrames, Rate: r.ProgressRate,
	}
}

// Divide stores the segments of the job that l holds. Each stands in line as a job of the same owner would that is submitted now,
// one behind the other.
func (s *Store) Divide(ctx context.Context, l domain.Lease, stretches []domain.Stretch, order domain.Order) error {
	return s.change(ctx, func(tx *change) error {
		var job jobRow
		if err := s.locked(tx.fence(l)).Take(&job).Error; err != nil {
			return lostIfGone(err)
		}
		rows := make([]segmentRow, len(stretches))
		for i, part := range stretches {
			rows[i] = segmentRow{
				JobID: l.JobID, Number: i + 1, UserID: job.UserID, FromImage: part.From, ToImage: part.To, State: string(domain.SegmentWaiting),
				TurnAt: stored(order.TurnAt(tx.now, job.Priority, int64(i+1))), RunAt: tx.now,
			}
		}
		return tx.Create(&rows).Error
	})
}

// Segments lists those of a job in their order.
func (s *Store) Segments(ctx context.Context, jobID string) ([]domain.Segment, error) {
	var rows []segmentRow
	if err := s.db.WithContext(ctx).Where("job_id = ?", jobID).Order("number").Find(&rows).Error; err != nil {
		return nil, err
	}
	segments := make([]domain.Segment, len(rows))
	for i, r := range rows {
		segments[i] = toSegment(r)
	}
	return segments, nil
}

// Undivide drops the segments of the job that l holds.
func (s *Store) Undivide(ctx context.Context, l domain.Lease) error {
	return s.change(ctx, func(tx *change) error {
		var job jobRow
		if err := s.locked(tx.fence(l)).Take(&job).Error; err != nil {
			return lostIfGone(err)
		}
		return tx.drop(l.JobID)
	})
}

// drop gives up on all segments of a job; those who work on them find their leases lost.
func (tx *change) drop(jobID string) error {
	err := tx.Model(&segmentRow{}).Where("job_id = ?", jobID).
		Updates(map[string]any{"state": domain.SegmentDropped, "lease_until": nil}).Error
	if err != nil {
		return err
	}
	return tx.Model(&segmentAttemptRow{}).Where("job_id = ? AND ended_at IS NULL", jobID).
		Updates(map[string]any{"ended_at": tx.now, "outcome": string(domain.Released)}).Error
}

// Divided returns up to n jobs that have ended and still have segments.
func (s *Store) Divided(ctx context.Context, n int) ([]domain.Job, error) {
	var rows []jobRow
	err := s.db.WithContext(ctx).Where("status NOT IN ('pending', 'processing')").
		Where("id IN (SELECT DISTINCT job_id FROM segments)").Limit(n).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	return toJobs(rows)
}

// ForgetSegments removes those of a job that has ended.
func (s *Store) ForgetSegments(ctx context.Context, jobID string) error {
	return s.change(ctx, func(tx *change) error {
		return tx.Exec(`DELETE FROM segments WHERE job_id = ?
			AND EXISTS (SELECT 1 FROM jobs WHERE id = segments.job_id AND status NOT IN ('pending', 'processing'))`, jobID).Error
	})
}

// orphanParts returns those of the keys whose segment neither points to them nor is being worked on under their token.
func (s *Store) orphanParts(ctx context.Context, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	type attempt struct {
		job    string
		number int
		token  int64
	}
	ids := make([]string, len(keys))
	of := make(map[string]attempt, len(keys))
	for i, key := range keys {
		var a attempt
		a.job, a.number, a.token, _ = domain.ParsePartKey(key)
		ids[i], of[key] = a.job, a
	}
	var rows []segmentRow
	if err := s.db.WithContext(ctx).Where("job_id IN ? AND state IN ('running', 'done')", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	live := make(map[attempt]bool, len(rows))
	for _, r := range rows {
		live[attempt{r.JobID, r.Number, r.LeaseToken}] = true
	}
	var orphans []string
	for _, key := range keys {
		if !live[of[key]] {
			orphans = append(orphans, key)
		}
	}
	return orphans, nil
}
