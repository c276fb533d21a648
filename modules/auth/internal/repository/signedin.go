package repository

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// used is what a use of a session changes in its row.
func used(e domain.Entry) map[string]any {
	return map[string]any{"last_used_at": e.At.UTC(), "address": e.From.Address, "agent": e.From.Agent}
}

// SignedIn lists living sessions by the index sessions_user_alive.
func (s *Store) SignedIn(ctx context.Context, userID string, now time.Time, limit int) ([]domain.Session, error) {
	var rows []sessionRow
	err := s.with(ctx).Where("user_id = ? AND revoked_at IS NULL AND expires_at > ? AND api_key_id IS NULL", userID, now.UTC()).
		Order("last_used_at DESC, id").Limit(limit).Find(&rows).Error
	sessions := make([]domain.Session, len(rows))
	for i, r := range rows {
		sessions[i] = r.session()
	}
	return sessions, wrap("list sessions", err)
}

// RevokeOwn ends a living session of the user.
func (s *Store) RevokeOwn(ctx context.Context, userID, id string, e domain.Entry) error {
	if uuid.Validate(id) != nil {
		return domain.ErrNoSuchSession
	}
	err := s.tx(ctx, func(tx *gorm.DB) error {
		done := alive(tx).Where("id = ? AND user_id = ? AND expires_at > ? AND api_key_id IS NULL", id, userID, e.At.UTC()).
			Updates(ending(domain.RevokedByOwner, e.At))
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.ErrNoSuchSession
		}
		return record(tx, e)
	})
	return wrap("revoke own session", err)
}

// RevokeOthers ends the living sessions of the user but one, as endUserSessions does.
func (s *Store) RevokeOthers(ctx context.Context, userID, except string, e domain.Entry) ([]string, error) {
	var ended []string
	err := s.tx(ctx, func(tx *gorm.DB) error {
		err := tx.Raw(`UPDATE sessions SET revoked_at = ?, revoke_reason = ?
			WHERE user_id = ? AND revoked_at IS NULL AND api_key_id IS NULL AND id <> ? RETURNING id`,
			e.At.UTC(), domain.RevokedByOwner, userID, except).Scan(&ended).Error
		if err != nil || len(ended) == 0 {
			return err
		}
		return record(tx, e)
	})
	return ended, wrap("revoke other sessions", err)
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
