package repository

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// escape makes a text mean itself in LIKE.
var escape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// SearchUsers reads by the index users_created. A search for a text looks at every user from there on.
func (s *Store) SearchUsers(ctx context.Context, q domain.Search) ([]domain.User, error) {
	query := s.with(ctx).Where("deleted_at IS NULL").Order("created_at DESC, id DESC").Limit(q.Limit)
	if text := domain.Fold(q.Text); text != "" {
		like := "%" + escape.Replace(text) + "%"
		query = query.Where(`(email LIKE ? ESCAPE '\' OR username_key LIKE ? ESCAPE '\' OR lower(first_name || ' ' || last_name) LIKE ? ESCAPE '\')`,
			like, like, like)
	}
	if q.Status != "" {
		query = query.Where("status = ?", q.Status)
	}
	if q.Role != "" {
		query = query.Where("role = ?", q.Role)
	}
	if q.After.ID != "" {
		query = query.Where("(created_at, id) < (?, ?)", q.After.CreatedAt.UTC(), q.After.ID)
	}
	var rows []userRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, wrap("search users", err)
	}
	users := make([]domain.User, len(rows))
	for i, r := range rows {
		users[i] = r.user()
	}
	return users, nil
}

// SetStatus changes the user first, so that a login or a use of a key that is under way comes before it, and its session is
// ended, or after it, and is refused.
func (s *Store) SetStatus(ctx context.Context, userID string, to domain.Status, e domain.Entry) ([]string, error) {
	return s.set(ctx, userID, "status", string(to), e, func(tx *gorm.DB) ([]string, error) {
		if to == domain.Active {
			return nil, nil
		}
		return endUserSessions(tx, userID, domain.RevokedByBlock, e.At)
	})
}

// SetRole changes a role.
func (s *Store) SetRole(ctx context.Context, userID string, to domain.Role, e domain.Entry) ([]string, error) {
	return s.set(ctx, userID, "role", string(to), e, func(tx *gorm.DB) ([]string, error) {
		if to == domain.RoleAdmin {
			return nil, nil
		}
		return endUserSessions(tx, userID, domain.RevokedByRole, e.At)
	})
}

// set writes one column and, when that changed something, does what follows from it and records the entry.
func (s *Store) set(
	ctx context.Context, userID, column, value string, e domain.Entry, then func(tx *gorm.DB) ([]string, error),
) ([]string, error) {
	if uuid.Validate(userID) != nil {
		return nil, domain.ErrUserNotFound
	}
	var ended []string
	err := s.tx(ctx, func(tx *gorm.DB) error {
		done := tx.Table("users").Where("id = ? AND deleted_at IS NULL AND "+column+" <> ?", userID, value).
			Updates(map[string]any{column: value, "updated_at": e.At.UTC()})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return exists(tx, userID)
		}
		var err error
		if ended, err = then(tx); err != nil {
			return err
		}
		return record(tx, e)
	})
	return ended, wrap("set "+column+" of user", err)
}

// exists tells a user who has the value already, nil, from one who does not exist.
func exists(tx *gorm.DB, userID string) error {
	var n int64
	err := tx.Table("users").Where("id = ? AND deleted_at IS NULL", userID).Count(&n).Error
	if err == nil && n == 0 {
		err = domain.ErrUserNotFound
	}
	return err
}
