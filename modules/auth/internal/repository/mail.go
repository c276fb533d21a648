package repository

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

// MailTable is where mails wait to be sent.
const MailTable = "mails"

type mailRow struct {
	ID        string
	UserID    string
	Kind      string
	Locale    string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	NextAt    time.Time
}

func (mailRow) TableName() string { return MailTable }

type mailTokenRow struct {
	Hash      string
	UserID    string
	Purpose   string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	ExpiresAt time.Time
}

func (mailTokenRow) TableName() string { return "mail_tokens" }

// PostMails stores mails to be sent now.
func (s *Store) PostMails(ctx context.Context, e domain.Entry, mails ...domain.Mail) error {
	return wrap("post mails", s.tx(ctx, func(tx *gorm.DB) error {
		return errors.Join(record(tx, e), post(tx, mails))
	}))
}

// post leaves out a mail of a kind that already waits for the user: index mails_waiting.
func post(tx *gorm.DB, mails []domain.Mail) error {
	for _, m := range mails {
		row := mailRow{
			ID: m.ID, UserID: m.UserID, Kind: string(m.Kind), Locale: m.Locale, CreatedAt: m.CreatedAt.UTC(), NextAt: m.CreatedAt.UTC(),
		}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// MailByID finds a mail by primary key.
func (s *Store) MailByID(ctx context.Context, id string) (domain.Mail, error) {
	var row mailRow
	err := s.with(ctx).Where("id = ?", id).Take(&row).Error
	if database.NotFound(err) {
		return domain.Mail{}, domain.ErrMailObsolete
	}
	return domain.Mail{
		ID: row.ID, UserID: row.UserID, Kind: domain.MailKind(row.Kind), Locale: row.Locale, CreatedAt: row.CreatedAt.UTC(),
	}, wrap("find mail", err)
}

// AddMailToken stores the hash of a link's secret.
func (s *Store) AddMailToken(ctx context.Context, t domain.MailToken) error {
	row := mailTokenRow{
		Hash: t.Hash, UserID: t.UserID, Purpose: string(t.Purpose), CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(),
	}
	return wrap("add mail token", s.with(ctx).Create(&row).Error)
}

// DeleteMailTokens removes what nobody can use any more, by the index mail_tokens_expires.
func (s *Store) DeleteMailTokens(ctx context.Context, expiredBefore time.Time) error {
	return wrap("delete mail tokens", s.with(ctx).Where("expires_at < ?", expiredBefore.UTC()).Delete(&mailTokenRow{}).Error)
}

// UserByMailToken finds whom a secret is for, and leaves the secret as it is.
func (s *Store) UserByMailToken(ctx context.Context, hash string, purpose domain.Purpose, now time.Time) (domain.User, error) {
	var row mailTokenRow
	err := s.with(ctx).Where("hash = ? AND purpose = ? AND expires_at > ?", hash, purpose, now.UTC()).Take(&row).Error
	if database.NotFound(err) {
		return domain.User{}, domain.ErrMailToken
	}
	if err != nil {
		return domain.User{}, wrap("find mail token", err)
	}
	return s.UserByID(ctx, row.UserID)
}

// spendMailToken deletes the secret, and with it the user's others of that purpose. The row count decides who was first.
func spendMailToken(tx *gorm.DB, hash string, purpose domain.Purpose, now time.Time) (userID string, err error) {
	var owners []string
	err = tx.Raw(`DELETE FROM mail_tokens WHERE hash = ? AND purpose = ? AND expires_at > ? RETURNING user_id`, hash, purpose, now.UTC()).
		Scan(&owners).Error
	if err != nil {
		return "", err
	}
	if len(owners) == 0 {
		return "", domain.ErrMailToken
	}
	return owners[0], tx.Where("user_id = ? AND purpose = ?", owners[0], purpose).Delete(&mailTokenRow{}).Error
}

// VerifyEmail spends the secret of a link.
func (s *Store) VerifyEmail(ctx context.Context, hash string, e domain.Entry) (userID string, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		userID, err = spendMailToken(tx, hash, domain.ForVerify, e.At)
		if err != nil {
			return err
		}
		err = tx.Table("users").Where("id = ? AND email_verified_at IS NULL", userID).
			Updates(map[string]any{"email_verified_at": e.At.UTC(), "updated_at": e.At.UTC()}).Error
		return errors.Join(err, record(tx, e.By(userID).About(userID, "")))
	})
	return userID, wrap("verify e-mail", err)
}

// ResetPassword spends the secret of a link for a new password. Whoever could read the link owns the address, too.
func (s *Store) ResetPassword(
	ctx context.Context, hash, passwordHash string, e domain.Entry, mails ...domain.Mail,
) ([]string, error) {
	var ended []string
	at := e.At
	err := s.tx(ctx, func(tx *gorm.DB) error {
		userID, err := spendMailToken(tx, hash, domain.ForReset, at)
		if err != nil {
			return err
		}
		err = tx.Table("users").Where("id = ?", userID).Updates(map[string]any{
			"password_hash": passwordHash, "updated_at": at.UTC(), "email_verified_at": gorm.Expr("COALESCE(email_verified_at, ?)", at.UTC()),
		}).Error
		if err != nil {
			return err
		}
		if ended, err = endUserSessions(tx, userID, domain.RevokedByReset, at); err != nil {
			return err
		}
		return errors.Join(record(tx, e), post(tx, mails))
	})
	return ended, wrap("reset password", err)
}
