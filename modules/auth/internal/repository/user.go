package repository

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

type userRow struct {
	ID           string
	Email        string
	Username     string
	UsernameKey  string
	PasswordHash string
	FirstName    string
	LastName     string
	Status       string
	CreatedAt    time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt    time.Time `gorm:"autoUpdateTime:false"`
	LastLogin    *time.Time
	Role         string
	DeletedAt    *time.Time

	EmailVerifiedAt *time.Time
}

func (userRow) TableName() string { return "users" }

func fromUser(u domain.User) userRow {
	return userRow{
		ID: u.ID, Email: u.Email, Username: u.Username, UsernameKey: domain.Fold(u.Username),
		PasswordHash: u.PasswordHash, FirstName: u.FirstName, LastName: u.LastName, Status: string(u.Status),
		CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(), LastLogin: utc(u.LastLogin), Role: string(u.Role),
		EmailVerifiedAt: utc(u.VerifiedAt),
	}
}

func (r userRow) user() domain.User {
	return domain.User{
		ID: r.ID, Email: r.Email, Username: r.Username, PasswordHash: r.PasswordHash,
		FirstName: r.FirstName, LastName: r.LastName, Status: domain.Status(r.Status),
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), LastLogin: utc(r.LastLogin), Role: domain.Role(r.Role),
		VerifiedAt: utc(r.EmailVerifiedAt),
	}
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

// CreateUser inserts a user with its entry and the mails about it; the unique indexes users_email and users_username_key
// decide races.
func (s *Store) CreateUser(ctx context.Context, u domain.User, e domain.Entry, mails ...domain.Mail) error {
	row := fromUser(u)
	err := s.tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return errors.Join(record(tx, e), post(tx, mails))
	})
	if database.IsUnique(err) {
		return domain.ErrUserExists.Because(err)
	}
	return wrap("create user", err)
}

// UserByID finds a user by primary key. What is no UUID is nobody's id.
func (s *Store) UserByID(ctx context.Context, id string) (domain.User, error) {
	if uuid.Validate(id) != nil {
		return domain.User{}, domain.ErrUserNotFound
	}
	return s.user(s.with(ctx).Where("id = ? AND deleted_at IS NULL", id))
}

// UserByLogin finds a user by folded e-mail or username. Usernames have no "@", so one lookup suffices.
func (s *Store) UserByLogin(ctx context.Context, login string) (domain.User, error) {
	column := "username_key"
	if strings.Contains(login, "@") {
		column = "email"
	}
	return s.user(s.with(ctx).Where(column+" = ? AND deleted_at IS NULL", login))
}

func (s *Store) user(query *gorm.DB) (domain.User, error) {
	var row userRow
	err := query.Take(&row).Error
	if database.NotFound(err) {
		return domain.User{}, domain.ErrUserNotFound
	}
	return row.user(), wrap("find user", err)
}

// UpdateProfile changes the given columns and reads the row back in the same transaction.
func (s *Store) UpdateProfile(ctx context.Context, userID string, c domain.ProfileChange, at time.Time) (domain.User, error) {
	var row userRow
	err := s.tx(ctx, func(tx *gorm.DB) error {
		done := tx.Table("users").Where("id = ? AND deleted_at IS NULL", userID).Updates(profileColumns(c, at))
		if done.Error != nil {
			return done.Error
		}
		return tx.Where("id = ?", userID).Take(&row).Error
	})
	switch {
	case database.IsUnique(err):
		return domain.User{}, domain.OnField(domain.ErrUsernameTaken, "username").Because(err)
	case database.NotFound(err):
		return domain.User{}, domain.ErrUserNotFound
	}
	return row.user(), wrap("update profile", err)
}

func profileColumns(c domain.ProfileChange, at time.Time) map[string]any {
	columns := map[string]any{"updated_at": at.UTC()}
	if c.FirstName != nil {
		columns["first_name"] = *c.FirstName
	}
	if c.LastName != nil {
		columns["last_name"] = *c.LastName
	}
	if c.Username != nil {
		columns["username"] = *c.Username
		columns["username_key"] = domain.Fold(*c.Username)
	}
	return columns
}

// ChangePassword replaces the hash if it is still the old one, ends every session and stores the mails in the same
// transaction.
func (s *Store) ChangePassword(
	ctx context.Context, userID, oldHash, newHash string, e domain.Entry, mails ...domain.Mail,
) ([]string, error) {
	var ended []string
	err := s.tx(ctx, func(tx *gorm.DB) error {
		done := tx.Table("users").Where("id = ? AND password_hash = ?", userID, oldHash).
			Updates(map[string]any{"password_hash": newHash, "updated_at": e.At.UTC()})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.OnField(domain.ErrCurrentPassword, "current_password")
		}
		var err error
		if ended, err = endUserSessions(tx, userID, domain.RevokedByPassword, e.At); err != nil {
			return err
		}
		return errors.Join(record(tx, e), post(tx, mails))
	})
	return ended, wrap("change password", err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
