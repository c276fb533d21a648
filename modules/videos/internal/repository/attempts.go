package repository

import (
	"context"
	"slices"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

type attemptRow struct {
	JobID     string `gorm:"primaryKey"`
	Token     int64  `gorm:"primaryKey;autoIncrement:false"`
	Attempt   int
	Worker    string
	StartedAt time.Time
	EndedAt   *time.Time
	Outcome   string
	Code      string
}

// TableName implements gorm's naming.
func (attemptRow) TableName() string { return "attempts" }

// over closes the line of a job's running attempt.
func (tx *change) over(jobID string, outcome domain.Outcome, code string) error {
	return tx.Model(&attemptRow{}).Where("job_id = ? AND ended_at IS NULL", jobID).
		Updates(map[string]any{"ended_at": tx.now, "outcome": string(outcome), "code": code}).Error
}

// Attempts is the log of a job, oldest first.
func (s *Store) Attempts(ctx context.Context, jobID string) ([]domain.Attempt, error) {
	var rows []attemptRow
	if err := s.db.WithContext(ctx).Where("job_id = ?", jobID).Order("token").Find(&rows).Error; err != nil {
		return nil, err
	}
	log := make([]domain.Attempt, len(rows))
	for i, r := range rows {
		log[i] = domain.Attempt{
			Token: r.Token, Attempt: r.Attempt, Worker: r.Worker, StartedAt: r.StartedAt.UTC(), EndedAt: utc(r.EndedAt),
			Outcome: domain.Outcome(r.Outcome), Code: r.Code,
		}
	}
	return s.segmentAttempts(ctx, jobID, log)
}

// segmentAttempts adds those of the job's segments, in the order in which they began.
func (s *Store) segmentAttempts(ctx context.Context, jobID string, log []domain.Attempt) ([]domain.Attempt, error) {
	var rows []segmentAttemptRow
	if err := s.db.WithContext(ctx).Where("job_id = ?", jobID).Order("number, token").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, r := range rows {
		log = append(log, domain.Attempt{
			Segment: r.Number, Token: r.Token, Attempt: r.Attempt, Worker: r.Worker, StartedAt: r.StartedAt.UTC(), EndedAt: utc(r.EndedAt),
			Outcome: domain.Outcome(r.Outcome), Code: r.Code,
		})
	}
	slices.SortStableFunc(log, func(a, b domain.Attempt) int { return a.StartedAt.Compare(b.StartedAt) })
	return log, nil
}
