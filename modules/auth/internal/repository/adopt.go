package repository

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

// Settled looks for the id, also among closed accounts, then for the names by users_email and users_username_key.
func (s *Store) Settled(ctx context.Context, u domain.User) (bool, error) {
	var ids []string
	err := s.with(ctx).Table("users").Where("id = ? OR email = ? OR username_key = ?", u.ID, u.Email, domain.Fold(u.Username)).
		Pluck("id", &ids).Error
	if err != nil {
		return false, wrap("look for an account", err)
	}
	for _, id := range ids {
		if id == u.ID {
			return true, nil
		}
	}
	if len(ids) > 0 {
		return false, domain.ErrAdoptTaken
	}
	return false, nil
}

// AdoptUser inserts the row; the primary key decides whether it is new.
func (s *Store) AdoptUser(ctx context.Context, u domain.User, e domain.Entry) (added bool, err error) {
	row := fromUser(u)
	err = s.tx(ctx, func(tx *gorm.DB) error {
		done := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoNothing: true}).Create(&row)
		added = done.RowsAffected == 1
		if done.Error != nil || !added {
			return done.Error
		}
		return record(tx, e)
	})
	if database.IsUnique(err) {
		return false, domain.ErrAdoptTaken.Because(err)
	}
	return added, wrap("adopt user", err)
}
