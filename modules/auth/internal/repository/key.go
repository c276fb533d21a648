package repository

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

type keyRow struct {
	Kid        string
	Algorithm  string
	State      string
	PublicKey  string
	PrivateKey []byte
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
	CurrentAt  *time.Time
	RetiringAt *time.Time
}

func (keyRow) TableName() string { return "signing_keys" }

func fromKey(k domain.SigningKey) keyRow {
	return keyRow{
		Kid: k.ID, Algorithm: k.Algorithm, State: string(k.State), PublicKey: string(k.Public), PrivateKey: k.Sealed,
		CreatedAt: k.CreatedAt.UTC(), CurrentAt: utc(k.CurrentAt), RetiringAt: utc(k.RetiringAt),
	}
}

func (r keyRow) key() domain.SigningKey {
	return domain.SigningKey{
		ID: r.Kid, Algorithm: r.Algorithm, State: domain.KeyState(r.State), Public: []byte(r.PublicKey), Sealed: r.PrivateKey,
		CreatedAt: r.CreatedAt.UTC(), CurrentAt: utc(r.CurrentAt), RetiringAt: utc(r.RetiringAt),
	}
}

// SigningKeys lists all keys, the oldest first.
func (s *Store) SigningKeys(ctx context.Context) ([]domain.SigningKey, error) {
	var rows []keyRow
	if err := s.with(ctx).Order("created_at, kid").Find(&rows).Error; err != nil {
		return nil, wrap("list signing keys", err)
	}
	keys := make([]domain.SigningKey, len(rows))
	for i, r := range rows {
		keys[i] = r.key()
	}
	return keys, nil
}

// AddSigningKey leaves it to the index signing_keys_state who is first.
func (s *Store) AddSigningKey(ctx context.Context, k domain.SigningKey) (bool, error) {
	row := fromKey(k)
	done := s.with(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return done.RowsAffected == 1, wrap("add signing key", done.Error)
}

// errBeaten rolls a change of keys back whose premises another process has changed.
var errBeaten = errors.New("the keys were changed by another process")

// RotateKeys changes states only from what the caller saw: the first of several processes holds the row of the current
// key until it commits, and the others then find that key retiring.
func (s *Store) RotateKeys(ctx context.Context, c domain.KeyChange) (bool, error) {
	return s.change(ctx, "rotate signing keys", func(tx *gorm.DB) error {
		at := c.At.UTC()
		if err := step(tx, c.Current, domain.KeyCurrent, map[string]any{"state": domain.KeyRetiring, "retiring_at": at}); err != nil {
			return err
		}
		if err := step(tx, c.Next, domain.KeyNext, map[string]any{"state": domain.KeyCurrent, "current_at": at}); err != nil {
			return err
		}
		row := fromKey(c.Fresh)
		return tx.Create(&row).Error
	})
}

// ReplaceNextKey is safe because a next key has signed nothing.
func (s *Store) ReplaceNextKey(ctx context.Context, id string, fresh domain.SigningKey) (bool, error) {
	return s.change(ctx, "replace next signing key", func(tx *gorm.DB) error {
		done := tx.Exec("DELETE FROM signing_keys WHERE kid = ? AND state = ?", id, domain.KeyNext)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return errBeaten
		}
		row := fromKey(fresh)
		return tx.Create(&row).Error
	})
}

func (s *Store) change(ctx context.Context, what string, fn func(tx *gorm.DB) error) (bool, error) {
	err := s.tx(ctx, fn)
	if errors.Is(err, errBeaten) {
		return false, nil
	}
	return err == nil, wrap(what, err)
}

func step(tx *gorm.DB, kid string, from domain.KeyState, columns map[string]any) error {
	done := tx.Table("signing_keys").Where("kid = ? AND state = ?", kid, from).Updates(columns)
	if done.Error == nil && done.RowsAffected == 0 {
		return errBeaten
	}
	return done.Error
}

// DropKeys removes keys that signed last before the given time.
func (s *Store) DropKeys(ctx context.Context, before time.Time) (int, error) {
	done := s.with(ctx).Exec("DELETE FROM signing_keys WHERE state = ? AND retiring_at < ?", domain.KeyRetiring, before.UTC())
	return int(done.RowsAffected), wrap("drop signing keys", done.Error)
}

// ResetKeys replaces everything in one transaction.
func (s *Store) ResetKeys(ctx context.Context, keys ...domain.SigningKey) error {
	err := s.tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM signing_keys").Error; err != nil {
			return err
		}
		for _, k := range keys {
			row := fromKey(k)
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return wrap("reset signing keys", err)
}
