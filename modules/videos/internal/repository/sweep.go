package repository

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Unreferenced returns those of the keys that no job points to and no running attempt is about to complete with.
// A key of a form that is not ours is never among them.
func (s *Store) Unreferenced(ctx context.Context, keys []string) ([]string, error) {
	var sources, parts []string
	attempts := map[string][]string{} // job id -> keys
	for _, key := range keys {
		if id, _, ok := domain.ParseResultKey(key); ok {
			attempts[id] = append(attempts[id], key)
		} else if _, _, _, ok := domain.ParsePartKey(key); ok {
			parts = append(parts, key)
		} else if strings.HasPrefix(key, "videos/") {
			sources = append(sources, key)
		}
	}
	orphanSources, err := s.orphanSources(ctx, sources)
	if err != nil {
		return nil, err
	}
	orphanResults, err := s.orphanResults(ctx, attempts)
	if err != nil {
		return nil, err
	}
	orphanParts, err := s.orphanParts(ctx, parts)
	if err != nil {
		return nil, err
	}
	return slices.Concat(orphanSources, orphanResults, orphanParts), nil
}

func (s *Store) orphanSources(ctx context.Context, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var used []string
	err := s.db.WithContext(ctx).Model(&jobRow{}).Where("source_key IN ?", keys).Pluck("source_key", &used).Error // index jobs_by_source
	if err != nil {
		return nil, err
	}
	return without(keys, used), nil
}

func (s *Store) orphanResults(ctx context.Context, attempts map[string][]string) ([]string, error) {
	if len(attempts) == 0 {
		return nil, nil
	}
	var ids, keys []string
	for id, of := range attempts {
		ids, keys = append(ids, id), append(keys, of...)
	}
	var rows []jobRow
	err := s.db.WithContext(ctx).Select("id", "user_id", "status", "lease_token", "result_key").Where("id IN ?", ids).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	var used []string
	for _, r := range rows {
		used = append(used, r.ResultKey)
		if r.Status == string(domain.Processing) {
			used = append(used, domain.ResultKey(r.UserID, r.ID, r.LeaseToken))
		}
	}
	return without(keys, used), nil
}

func without(all, some []string) []string {
	skip := make(map[string]bool, len(some))
	for _, s := range some {
		skip[s] = true
	}
	var rest []string
	for _, a := range all {
		if !skip[a] {
			rest = append(rest, a)
		}
	}
	return rest
}

// BuryBefore buries up to n jobs that ended before then, and tells how many.
func (s *Store) BuryBefore(ctx context.Context, before time.Time, n int) (int, error) {
	var buried int64
	err := s.change(ctx, func(tx *change) error {
		res := tx.Exec(`UPDATE jobs SET deleted_at = ? WHERE deleted_at IS NULL AND id IN (
			SELECT id FROM jobs WHERE completed_at < ? AND status NOT IN ('pending', 'processing') AND deleted_at IS NULL
			ORDER BY completed_at LIMIT ?)`, tx.now, stored(before), n) // index jobs_finished
		buried = res.RowsAffected
		return res.Error
	})
	return int(buried), err
}

// Forget removes published events and workers not seen since, and keys whose time is over.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	return s.change(ctx, func(tx *change) error {
		if err := tx.Where("published_at < ?", stored(before)).Delete(&outboxRow{}).Error; err != nil {
			return err
		}
		if err := tx.forgetKeys(); err != nil {
			return err
		}
		return tx.Where("last_seen < ?", stored(before)).Delete(&workerRow{}).Error
	})
}

// SourceRemoved notes that the job's video is gone.
func (s *Store) SourceRemoved(ctx context.Context, jobID string) error {
	return s.change(ctx, func(tx *change) error {
		return tx.Model(&jobRow{}).Where("id = ? AND source_removed_at IS NULL", jobID).
			Updates(map[string]any{"source_removed_at": tx.now}).Error
	})
}
