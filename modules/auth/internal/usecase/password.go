package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// PasswordWriter replaces oldHash, ends all sessions of the user and stores the mails, at once, and returns the ids of the
// sessions that were alive. It returns domain.ErrCurrentPassword when oldHash is no longer the stored one.
type PasswordWriter interface {
	ChangePassword(ctx context.Context, userID, oldHash, newHash string, e domain.Entry, mails ...domain.Mail) (ended []string, err error)
}

// ChangePassword replaces passwords.
type ChangePassword struct {
	Announcer
	Post
	Confirm
	Users    UserReader
	Sessions SessionReader
	Writer   PasswordWriter
	Audit    Audit
	Policy   *domain.PasswordPolicy
}

// Change replaces the caller's password and ends every session, the caller's included.
func (uc ChangePassword) Change(ctx context.Context, a domain.Actor, in domain.PasswordChange) error {
	if in.New != in.Confirm {
		return domain.OnField(domain.ErrPasswordMismatch, "confirm_password")
	}
	user, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now())
	if err != nil {
		return err
	}
	entry := uc.entry(domain.ActPassword, a.From).By(user.ID).About(user.ID, a.SessionID)
	if err := uc.Password(ctx, user, in.Current); err != nil {
		return uc.Audit.refused(ctx, entry, err)
	}
	if err := uc.Policy.Check("new_password", in.New, user.Username, user.Email, user.FirstName, user.LastName); err != nil {
		return err
	}
	hash, err := uc.Hasher.Hash(ctx, in.New)
	if err != nil {
		return err
	}
	mails := uc.mails(uc.Basis, domain.MailPasswordChanged, user.ID, in.Locale)
	ended, err := uc.Writer.ChangePassword(ctx, user.ID, user.PasswordHash, hash, entry, mails...)
	if err != nil {
		return err
	}
	uc.announce(ctx, domain.RevokedByPassword, ended...)
	uc.ring()
	uc.Log.InfoContext(ctx, "password changed", "user_id", user.ID)
	return nil
}
