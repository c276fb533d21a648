package repository

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

type sessionRow struct {
	ID           string
	UserID       string
	Remember     bool
	CreatedAt    time.Time `gorm:"autoCreateTime:false"`
	LastUsedAt   time.Time
	ExpiresAt    time.Time
	RevokedAt    *time.Time
	RevokeReason *string
	Address      string
	Agent        string
	APIKeyID     *string `gorm:"column:api_key_id"`
}

func (sessionRow) TableName() string { return "sessions" }

func fromSession(s domain.Session) sessionRow {
	return sessionRow{
		ID: s.ID, UserID: s.UserID, Remember: s.Remember, Address: s.From.Address, Agent: s.From.Agent, APIKeyID: optional(s.KeyID),
		CreatedAt: s.CreatedAt.UTC(), LastUsedAt: s.LastUsedAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(),
	}
}

func (r sessionRow) session() domain.Session {
	return domain.Session{
		ID: r.ID, UserID: r.UserID, Remember: r.Remember, KeyID: value(r.APIKeyID), From: domain.Origin{Address: r.Address, Agent: r.Agent},
		CreatedAt: r.CreatedAt.UTC(), LastUsedAt: r.LastUsedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), RevokedAt: utc(r.RevokedAt),
	}
}

// OpenSession records a login. The update of the user is conditional on the hash that was verified, so a login that
// races with a change of password or status leaves no session behind.
func (s *Store) OpenSession(ctx context.Context, o domain.Opening) error {
	row := fromSession(o.Session)
	token := tokenRow{Hash: o.RefreshHash, SessionID: row.ID, CreatedAt: row.CreatedAt}
	columns := map[string]any{"last_login": row.CreatedAt, "updated_at": row.CreatedAt}
	if o.UpgradedHash != "" {
		columns["password_hash"] = o.UpgradedHash
	}
	err := s.tx(ctx, func(tx *gorm.DB) error {
		done := tx.Table("users").
			Where("id = ? AND password_hash = ? AND status = ?", row.UserID, o.VerifiedHash, domain.Active).Updates(columns)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.ErrInvalidCredentials
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Create(&token).Error; err != nil {
			return err
		}
		return record(tx, o.Entry)
	})
	return wrap("open session", err)
}

// SessionByID finds a session by primary key.
func (s *Store) SessionByID(ctx context.Context, id string) (domain.Session, error) {
	if uuid.Validate(id) != nil {
		return domain.Session{}, domain.ErrSessionNotFound
	}
	var row sessionRow
	err := s.with(ctx).Where("id = ?", id).Take(&row).Error
	if database.NotFound(err) {
		return domain.Session{}, domain.ErrSessionNotFound
	}
	return row.session(), wrap("find session", err)
}

// RevokeSession ends one session if it is alive.
func (s *Store) RevokeSession(ctx context.Context, id, reason string, e domain.Entry) (bool, error) {
	if uuid.Validate(id) != nil {
		return false, nil //nolint:nilerr // what is no id is nobody's session
	}
	ended := false
	err := s.tx(ctx, func(tx *gorm.DB) error {
		done := alive(tx).Where("id = ?", id).Updates(ending(reason, e.At))
		if ended = done.RowsAffected > 0; !ended || done.Error != nil {
			return done.Error
		}
		return record(tx, e)
	})
	return ended && err == nil, wrap("revoke session", err)
}

// RevokeUserSessions ends all live sessions of a user.
func (s *Store) RevokeUserSessions(ctx context.Context, userID, reason string, e domain.Entry) ([]string, error) {
	var ended []string
	err := s.tx(ctx, func(tx *gorm.DB) (err error) {
		if ended, err = endUserSessions(tx, userID, reason, e.At); err != nil {
			return err
		}
		return record(tx, e)
	})
	return ended, wrap("revoke sessions", err)
}

// endUserSessions uses the index sessions_user_alive. RETURNING, not a second query: a session opened in between must
// not be ended without its id becoming known.
func endUserSessions(tx *gorm.DB, userID, reason string, at time.Time) ([]string, error) {
	var ended []string
	err := tx.Raw(`UPDATE sessions SET revoked_at = ?, revoke_reason = ? WHERE user_id = ? AND revoked_at IS NULL RETURNING id`,
		at.UTC(), reason, userID).Scan(&ended).Error
	return ended, err
}

func alive(db *gorm.DB) *gorm.DB { return db.Table("sessions").Where("revoked_at IS NULL") }

func ending(reason string, at time.Time) map[string]any {
	return map[string]any{"revoked_at": at.UTC(), "revoke_reason": reason}
}

// DeleteSessions removes a batch of sessions that ended before the given time; their tokens go with them.
func (s *Store) DeleteSessions(ctx context.Context, before time.Time, limit int) (int, error) {
	var deleted int
	err := s.tx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`DELETE FROM sessions WHERE id IN
			(SELECT id FROM sessions WHERE expires_at < ? OR revoked_at < ? LIMIT ?)`, before.UTC(), before.UTC(), limit)
		deleted = int(done.RowsAffected)
		return done.Error
	})
	return deleted, wrap("delete sessions", err)
}

// RevokedSince lists by the index sessions_revoked_at.
func (s *Store) RevokedSince(ctx context.Context, since time.Time) ([]string, error) {
	var ids []string
	err := s.with(ctx).Table("sessions").Where("revoked_at >= ?", since.UTC()).Order("revoked_at").Pluck("id", &ids).Error
	return ids, wrap("list revoked sessions", err)
}
