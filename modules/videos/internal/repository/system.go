package repository

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Load counts the jobs that run and wait, and the workers seen in the last so long, on the clock that they are seen by.
func (s *Store) Load(ctx context.Context, within time.Duration) (load domain.Load, err error) {
	now, err := s.clock(s.db.WithContext(ctx))
	if err != nil {
		return load, err
	}
	err = s.db.WithContext(ctx).Raw(`SELECT
		(SELECT COUNT(*) FROM jobs WHERE status = 'processing') AS processing,
		(SELECT COUNT(*) FROM jobs WHERE status = 'pending' AND deleted_at IS NULL) AS pending,
		(SELECT COUNT(*) FROM workers WHERE last_seen >= @since AND state = 'working') AS workers,
		(SELECT COALESCE(SUM(capacity), 0) FROM workers WHERE last_seen >= @since AND state = 'working') AS capacity`,
		map[string]any{"since": stored(now.Add(-within))}).Scan(&load).Error
	return load, err
}

// Activity measures what has ended since.
func (s *Store) Activity(ctx context.Context, since, midnight time.Time) (a domain.Activity, err error) {
	took, waited := s.secondsBetween("started_at", "completed_at"), s.secondsBetween("created_at", "started_at")
	err = s.db.WithContext(ctx).Raw(`SELECT
		(SELECT COUNT(*) FROM jobs WHERE status = 'completed' AND completed_at >= @midnight) AS completed_today,
		(SELECT COALESCE(SUM(frame_count), 0) FROM jobs) AS frames,
		(SELECT COUNT(*) FROM jobs WHERE status = 'completed' AND completed_at >= @since) AS completed,
		(SELECT COUNT(*) FROM jobs WHERE status = 'failed' AND completed_at >= @since) AS failed,
		(SELECT COALESCE(AVG(`+took+`), 0) FROM jobs WHERE status = 'completed' AND completed_at >= @since) AS mean_processing,
		(SELECT COALESCE(AVG(`+waited+`), 0) FROM jobs WHERE started_at >= @since) AS mean_wait`,
		map[string]any{"since": stored(since), "midnight": stored(midnight)}).Scan(&a).Error
	return a, err
}
