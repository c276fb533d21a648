package repository

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

type tokenRow struct {
	Hash          string
	SessionID     string
	CreatedAt     time.Time `gorm:"autoCreateTime:false"`
	SpentAt       *time.Time
	SuccessorSalt []byte
}

func (tokenRow) TableName() string { return "refresh_tokens" }

func tokenByHash(db *gorm.DB, hash string) (tokenRow, error) {
	var row tokenRow
	err := db.Where("hash = ?", hash).Take(&row).Error
	if database.NotFound(err) {
		return row, domain.ErrRefreshInvalid
	}
	return row, err
}

// SessionByRefresh finds the session of an unspent refresh token.
func (s *Store) SessionByRefresh(ctx context.Context, hash string) (domain.Session, error) {
	token, err := tokenByHash(s.with(ctx), hash)
	if err != nil {
		return domain.Session{}, wrap("find refresh token", err)
	}
	if token.SpentAt != nil {
		return domain.Session{}, domain.ErrTokenRevoked
	}
	return s.SessionByID(ctx, token.SessionID)
}

// Rotate spends a refresh token. Reuse is reported in the result and not as an error, because an error would roll the
// revocation back.
func (s *Store) Rotate(ctx context.Context, r domain.Rotation) (domain.Rotated, error) {
	var out domain.Rotated
	err := s.tx(ctx, func(tx *gorm.DB) (err error) {
		out, err = rotate(tx, r)
		return err
	})
	return out, wrap("rotate refresh token", err)
}

func rotate(tx *gorm.DB, r domain.Rotation) (domain.Rotated, error) {
	token, err := tokenByHash(tx, r.Hash)
	if err != nil {
		return domain.Rotated{}, err
	}
	session, err := lockFamily(tx, token.SessionID, r.Entry)
	if err != nil {
		return domain.Rotated{}, err
	}
	first, err := spend(tx, r)
	if err != nil {
		return domain.Rotated{}, err
	}
	if first {
		return domain.Rotated{Session: session, Salt: r.Salt}, beget(tx, r, session.ID)
	}
	return replay(tx, r, session)
}

// lockFamily touches the session row first: on PostgreSQL its row lock puts the refreshes of one family in a queue, and a
// revocation that commits first wins. SQLite has one writer anyway.
func lockFamily(tx *gorm.DB, sessionID string, e domain.Entry) (domain.Session, error) {
	done := alive(tx).Where("id = ? AND expires_at > ?", sessionID, e.At.UTC()).Updates(used(e))
	if done.Error != nil {
		return domain.Session{}, done.Error
	}
	var row sessionRow
	if err := tx.Where("id = ?", sessionID).Take(&row).Error; err != nil {
		return domain.Session{}, err
	}
	session := row.session()
	if done.RowsAffected == 0 {
		return session, session.Check(e.At)
	}
	return session, nil
}

func spend(tx *gorm.DB, r domain.Rotation) (first bool, err error) {
	done := tx.Table("refresh_tokens").Where("hash = ? AND spent_at IS NULL", r.Hash).
		Updates(map[string]any{"spent_at": r.Entry.At.UTC(), "successor_salt": r.Salt})
	return done.RowsAffected == 1, done.Error
}

// beget stores the successor and forgets the salts whose grace is over: a copy of the database together with some old
// token must not lead to the token in force.
func beget(tx *gorm.DB, r domain.Rotation, sessionID string) error {
	row := tokenRow{Hash: r.SuccessorHash, SessionID: sessionID, CreatedAt: r.Entry.At.UTC()}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return tx.Table("refresh_tokens").
		Where("session_id = ? AND spent_at < ? AND successor_salt IS NOT NULL", sessionID, r.Entry.At.Add(-r.Grace).UTC()).
		Update("successor_salt", nil).Error
}

// replay reads the row again: since it was first read, the call that spent it may have committed.
func replay(tx *gorm.DB, r domain.Rotation, session domain.Session) (domain.Rotated, error) {
	token, err := tokenByHash(tx, r.Hash)
	if err != nil {
		return domain.Rotated{}, err
	}
	if token.SuccessorSalt != nil && r.Entry.At.Sub(*token.SpentAt) <= r.Grace {
		return domain.Rotated{Session: session, Salt: token.SuccessorSalt}, nil
	}
	if err := alive(tx).Where("id = ?", session.ID).Updates(ending(domain.RevokedByReuse, r.Entry.At)).Error; err != nil {
		return domain.Rotated{}, err
	}
	return domain.Rotated{Session: session, Reused: true}, record(tx, r.Entry.About(session.UserID, session.ID))
}
