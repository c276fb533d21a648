package repository

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

type apiKeyRow struct {
	ID         string
	UserID     string
	Name       string
	Hint       string
	Hash       string
	Scopes     string
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

func (apiKeyRow) TableName() string { return "api_keys" }

func fromAPIKey(k domain.APIKey) apiKeyRow {
	return apiKeyRow{
		ID: k.ID, UserID: k.UserID, Name: k.Name, Hint: k.Hint, Hash: k.Hash, Scopes: domain.JoinScopes(k.Scopes),
		CreatedAt: k.CreatedAt.UTC(), ExpiresAt: utc(k.ExpiresAt), LastUsedAt: utc(k.LastUsedAt), RevokedAt: utc(k.RevokedAt),
	}
}

func (r apiKeyRow) apiKey() domain.APIKey {
	return domain.APIKey{
		ID: r.ID, UserID: r.UserID, Name: r.Name, Hint: r.Hint, Hash: r.Hash, Scopes: domain.SplitScopes(r.Scopes),
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: utc(r.ExpiresAt), LastUsedAt: utc(r.LastUsedAt), RevokedAt: utc(r.RevokedAt),
	}
}

// CreateAPIKey locks the owner's row, so that two requests at once cannot pass the limit together, and neither passes a block or
// a deletion.
func (s *Store) CreateAPIKey(ctx context.Context, k domain.APIKey, e domain.Entry) error {
	row := fromAPIKey(k)
	err := s.tx(ctx, func(tx *gorm.DB) error {
		if _, err := lockUser(tx, k.UserID, "UPDATE"); err != nil {
			return err
		}
		var n int64
		if err := tx.Model(&apiKeyRow{}).Where("user_id = ? AND revoked_at IS NULL", k.UserID).Count(&n).Error; err != nil {
			return err
		}
		if n >= domain.MaxKeys {
			return domain.ErrTooManyKeys
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return record(tx, e)
	})
	return wrap("create API key", err)
}

// lockUser reads a user who may act and keeps others from changing the row meanwhile. SQLite has one writer anyway.
func lockUser(tx *gorm.DB, id, strength string) (domain.User, error) {
	query := tx
	if database.Dialect(tx) == database.Postgres {
		query = tx.Clauses(clause.Locking{Strength: strength})
	}
	var row userRow
	err := query.Where("id = ? AND deleted_at IS NULL", id).Take(&row).Error
	if database.NotFound(err) {
		return domain.User{}, domain.ErrUserNotFound
	}
	if err != nil {
		return domain.User{}, err
	}
	user := row.user()
	return user, user.Admit()
}

// APIKeys lists by the index api_keys_user.
func (s *Store) APIKeys(ctx context.Context, userID string) ([]domain.APIKey, error) {
	var rows []apiKeyRow
	err := s.with(ctx).Where("user_id = ? AND revoked_at IS NULL", userID).Order("created_at DESC, id").Find(&rows).Error
	keys := make([]domain.APIKey, len(rows))
	for i, r := range rows {
		keys[i] = r.apiKey()
	}
	return keys, wrap("list API keys", err)
}

// RevokeAPIKey ends a key with its sessions.
func (s *Store) RevokeAPIKey(ctx context.Context, userID, id string, e domain.Entry) ([]string, error) {
	if uuid.Validate(id) != nil {
		return nil, domain.ErrNoSuchKey
	}
	var sessions []string
	err := s.tx(ctx, func(tx *gorm.DB) error {
		n, ended, err := endKeys(tx.Where("id = ?", id), userID, e)
		if err == nil && n == 0 {
			err = domain.ErrNoSuchKey
		}
		if err != nil {
			return err
		}
		sessions = ended
		return record(tx, e)
	})
	return sessions, wrap("revoke API key", err)
}

// RevokeAPIKeys ends all keys of a user with their sessions.
func (s *Store) RevokeAPIKeys(ctx context.Context, userID string, e domain.Entry) (n int, sessions []string, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) (err error) {
		if n, sessions, err = endKeys(tx, userID, e); err != nil || n == 0 {
			return err
		}
		return record(tx, e)
	})
	return n, sessions, wrap("revoke API keys", err)
}

// endKeys revokes those of a user's keys that which narrows down to. The keys are first: a use of one that is under way holds
// its row, so its session is there when the sessions are ended.
func endKeys(which *gorm.DB, userID string, e domain.Entry) (int, []string, error) {
	var ids []string
	tx := which.Session(&gorm.Session{NewDB: true})
	err := which.Model(&apiKeyRow{}).Where("user_id = ? AND revoked_at IS NULL", userID).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return 0, nil, err
	}
	done := tx.Table("api_keys").Where("id IN ? AND revoked_at IS NULL", ids).Update("revoked_at", e.At.UTC())
	if done.Error != nil || done.RowsAffected == 0 {
		return 0, nil, done.Error
	}
	var sessions []string
	err = tx.Raw(`UPDATE sessions SET revoked_at = ?, revoke_reason = ? WHERE api_key_id IN ? AND revoked_at IS NULL RETURNING id`,
		e.At.UTC(), domain.RevokedByKey, ids).Scan(&sessions).Error // index sessions_key_alive
	return int(done.RowsAffected), sessions, err
}

// UseAPIKey locks the owner before the key, as a block and a deletion do; so one of the two comes first and the other sees it.
func (s *Store) UseAPIKey(ctx context.Context, hash string, fresh domain.Session) (domain.APIKey, domain.User, domain.Session, error) {
	var key apiKeyRow
	var user domain.User
	var session sessionRow
	err := s.tx(ctx, func(tx *gorm.DB) (err error) {
		if err := tx.Where("hash = ?", hash).Take(&key).Error; err != nil { // index api_keys_hash
			return err
		}
		if user, err = lockUser(tx, key.UserID, "SHARE"); err != nil {
			return err
		}
		done := tx.Table("api_keys").Where("id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)", key.ID, fresh.LastUsedAt.UTC()).
			Update("last_used_at", fresh.LastUsedAt.UTC())
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.ErrKeyInvalid
		}
		session, err = keySession(tx, key, fresh)
		return err
	})
	if database.NotFound(err) || refusesUser(err) {
		err = domain.ErrKeyInvalid.Because(err)
	}
	return key.apiKey(), user, session.session(), wrap("use API key", err)
}

// keySession finds the living session of a key, or opens one. The key's row is locked, so there is one at a time.
func keySession(tx *gorm.DB, key apiKeyRow, fresh domain.Session) (sessionRow, error) {
	var row sessionRow
	err := tx.Where("api_key_id = ? AND revoked_at IS NULL AND expires_at > ?", key.ID, fresh.LastUsedAt.UTC().Add(keySessionLeft)).
		Take(&row).Error // index sessions_key_alive
	if err == nil || !database.NotFound(err) {
		return row, err
	}
	fresh.UserID, fresh.KeyID = key.UserID, key.ID
	row = fromSession(fresh)
	return row, tx.Create(&row).Error
}

// keySessionLeft is what must be left of a session for another token: one that is about to end would give tokens of seconds.
const keySessionLeft = time.Hour

func refusesUser(err error) bool {
	return errors.Is(err, domain.ErrUserNotFound) || errors.Is(err, domain.ErrUserBlocked) || errors.Is(err, domain.ErrUserInactive)
}
