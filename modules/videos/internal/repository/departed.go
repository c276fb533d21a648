package repository

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Owners returns up to n ids of users with jobs or preferences, in order, after that one.
func (s *Store) Owners(ctx context.Context, after string, n int) ([]string, error) {
	var ids []string
	err := s.db.WithContext(ctx).Raw(`SELECT user_id FROM jobs WHERE deleted_at IS NULL AND user_id > ?
		UNION SELECT user_id FROM preferences WHERE user_id > ? ORDER BY user_id LIMIT ?`, after, after, n).Scan(&ids).Error // index jobs_by_user
	return ids, err
}

// Evict cancels what has not ended of up to n jobs of the user, and buries them all.
func (s *Store) Evict(ctx context.Context, userID string, n int) (int, error) {
	var ids []string
	err := s.change(ctx, func(tx *change) error {
		err := s.locked(tx.Model(&jobRow{}).Where("user_id = ? AND deleted_at IS NULL", userID)).
			Order("created_at DESC, id DESC").Limit(n).Pluck("id", &ids).Error // index jobs_by_user
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := tx.evict(id); err != nil {
				return err
			}
		}
		if len(ids) == n {
			return nil
		}
		if err := tx.Where("user_id = ?", userID).Delete(&keyRow{}).Error; err != nil {
			return err
		}
		return tx.Where("user_id = ?", userID).Delete(&preferencesRow{}).Error
	})
	return len(ids), err
}

func (tx *change) evict(jobID string) error {
	if _, err := tx.cancel(tx.Where("id = ? AND status IN ?", jobID, domain.Before(domain.Cancelled)), jobID); err != nil {
		return err
	}
	return tx.Model(&jobRow{}).Where("id = ?", jobID).Updates(map[string]any{"deleted_at": tx.now}).Error
}
