package repository

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// List returns a page of the user's jobs, newest first, and the figures about all of them.
func (s *Store) List(ctx context.Context, userID string, f domain.Filter) (domain.Page, error) {
	page := domain.Page{Filter: f}
	counts, err := s.totals(ctx, userID, &page.Totals)
	if err != nil {
		return page, err
	}
	page.Total = page.Totals.Jobs
	query := s.db.WithContext(ctx).Where("user_id = ? AND deleted_at IS NULL", userID) // index jobs_by_user
	if f.Status != "" {
		page.Total = counts[f.Status]
		query = query.Where("status = ?", f.Status)
	}
	var rows []jobRow
	if err := query.Order("created_at DESC, id DESC").Offset(f.Skip).Limit(f.Limit).Find(&rows).Error; err != nil {
		return page, err
	}
	page.Jobs, err = toJobs(rows)
	return page, err
}

func (s *Store) totals(ctx context.Context, userID string, t *domain.Totals) (map[domain.Status]int64, error) {
	var rows []struct {
		Status  domain.Status
		Jobs    int64
		Frames  int64
		Seconds float64
	}
	took := s.secondsBetween("started_at", "completed_at")
	err := s.db.WithContext(ctx).Raw(`SELECT status, COUNT(*) AS jobs, COALESCE(SUM(frame_count), 0) AS frames,
		COALESCE(SUM(`+took+`), 0) AS seconds FROM jobs WHERE user_id = ? AND deleted_at IS NULL GROUP BY status`, userID).Scan(&rows).Error
	counts := make(map[domain.Status]int64, len(rows))
	for _, r := range rows {
		counts[r.Status] = r.Jobs
		t.Jobs += r.Jobs
		t.Frames += r.Frames
		t.ProcessingSeconds += r.Seconds
	}
	t.Completed, t.Failed = counts[domain.Completed], counts[domain.Failed]
	t.Pending, t.Processing = counts[domain.Pending], counts[domain.Processing]
	return counts, err
}

// Active returns the user's running jobs, newest first.
func (s *Store) Active(ctx context.Context, userID string, limit int) ([]domain.Job, error) {
	var rows []jobRow
	err := s.db.WithContext(ctx).Where("user_id = ? AND deleted_at IS NULL AND status = ?", userID, domain.Processing).
		Order("created_at DESC, id DESC").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	return toJobs(rows)
}

// Buried returns tombstones, oldest first.
func (s *Store) Buried(ctx context.Context, n int) ([]domain.Job, error) {
	var rows []jobRow
	if err := s.db.WithContext(ctx).Where("deleted_at IS NOT NULL").Order("deleted_at").Limit(n).Find(&rows).Error; err != nil {
		return nil, err
	}
	return toJobs(rows)
}

// Spent returns completed jobs whose source is to go and is still there.
func (s *Store) Spent(ctx context.Context, n int) ([]domain.Job, error) {
	var rows []jobRow
	err := s.db.WithContext(ctx).
		Where("status = ? AND auto_cleanup AND source_removed_at IS NULL AND deleted_at IS NULL", domain.Completed).
		Order("completed_at").Limit(n).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	return toJobs(rows)
}
