package repository

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// CloseUser takes everything personal out of the row, which frees e-mail and username, and ends sessions and keys. What is left
// is an id.
func (s *Store) CloseUser(ctx context.Context, userID, passwordHash string, e domain.Entry) ([]string, error) {
	var ended []string
	err := s.tx(ctx, func(tx *gorm.DB) error {
		nobody := "closed:" + userID // has no "@" and is no username, so nobody signs in or registers with it
		done := tx.Table("users").Where("id = ? AND password_hash = ? AND deleted_at IS NULL", userID, passwordHash).Updates(map[string]any{
			"email": nobody, "username": nobody, "username_key": nobody, "first_name": "", "last_name": "", "password_hash": "",
			"status": domain.Inactive, "role": domain.RoleUser, "last_login": nil, "email_verified_at": nil,
			"deleted_at": e.At.UTC(), "updated_at": e.At.UTC(),
		})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 { // the password changed, or the account was closed, since it was read
			return domain.OnField(domain.ErrCurrentPassword, "current_password")
		}
		var err error
		if ended, err = endEverything(tx, userID, e.At); err != nil {
			return err
		}
		return record(tx, e)
	})
	return ended, wrap("close account", err)
}

// endEverything also forgets what sessions and keys tell of a person, and sends no mail any more.
func endEverything(tx *gorm.DB, userID string, at time.Time) ([]string, error) {
	keys := tx.Exec("UPDATE api_keys SET revoked_at = COALESCE(revoked_at, ?), name = '', hint = '' WHERE user_id = ?", at.UTC(), userID)
	ended, err := endUserSessions(tx, userID, domain.RevokedByClose, at)
	traces := tx.Exec("UPDATE sessions SET address = '', agent = '' WHERE user_id = ?", userID)
	mails := tx.Exec("DELETE FROM mails WHERE user_id = ?", userID)
	links := tx.Exec("DELETE FROM mail_tokens WHERE user_id = ?", userID)
	return ended, errors.Join(keys.Error, err, traces.Error, mails.Error, links.Error)
}

// ClosedSince returns the ids of accounts closed at or after the given time.
func (s *Store) ClosedSince(ctx context.Context, since time.Time) ([]string, error) {
	var ids []string
	err := s.with(ctx).Table("users").Where("deleted_at >= ?", since.UTC()).Order("deleted_at").Pluck("id", &ids).Error
	return ids, wrap("list closed accounts", err)
}

// ForgetUsers removes a batch of the rows of accounts that were closed before the given time.
func (s *Store) ForgetUsers(ctx context.Context, before time.Time, limit int) (int, error) {
	done := s.with(ctx).Exec("DELETE FROM users WHERE id IN (SELECT id FROM users WHERE deleted_at < ? LIMIT ?)", before.UTC(), limit)
	return int(done.RowsAffected), wrap("forget closed accounts", done.Error)
}
