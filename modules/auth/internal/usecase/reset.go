package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// PasswordResetter replaces passwords on the word of a link.
type PasswordResetter interface {
	// UserByMailToken finds whom an unspent, unexpired secret is for; domain.ErrMailToken.
	UserByMailToken(ctx context.Context, hash string, purpose domain.Purpose, now time.Time) (domain.User, error)
	// ResetPassword spends the secret, replaces the password, confirms the address that the link went to, ends all sessions,
	// stores the mails and the entry, all or nothing, and returns the ids of the sessions that were alive; domain.ErrMailToken.
	ResetPassword(ctx context.Context, hash, passwordHash string, e domain.Entry, mails ...domain.Mail) (ended []string, err error)
}

// ResetPassword replaces forgotten passwords.
type ResetPassword struct {
	Announcer
	Post
	Users  PasswordResetter
	Hasher Hasher
	Guard  Guard
	Policy *domain.PasswordPolicy
}

// Reset takes the secret of a link and a new password. A password that is refused does not spend the link.
func (uc ResetPassword) Reset(ctx context.Context, in domain.PasswordReset) error {
	if err := uc.Guard.AllowTokenCall(ctx, in.From.Key()); err != nil {
		return err
	}
	if !domain.IsMailToken(in.Token) {
		return domain.ErrMailToken
	}
	hash := domain.HashToken(in.Token)
	user, err := uc.Users.UserByMailToken(ctx, hash, domain.ForReset, uc.now())
	if err != nil {
		return err
	}
	if err := user.Admit(); err != nil {
		return err
	}
	if err := uc.Policy.Check("new_password", in.New, user.Username, user.Email, user.FirstName, user.LastName); err != nil {
		return err
	}
	passwordHash, err := uc.Hasher.Hash(ctx, in.New)
	if err != nil {
		return err
	}
	entry := uc.entry(domain.ActReset, in.From).By(user.ID).About(user.ID, "")
	mails := uc.mails(uc.Basis, domain.MailPasswordChanged, user.ID, in.Locale)
	ended, err := uc.Users.ResetPassword(ctx, hash, passwordHash, entry, mails...)
	if err != nil {
		return err
	}
	uc.announce(ctx, domain.RevokedByReset, ended...)
	uc.Guard.PasswordChanged(ctx, user.ID)
	uc.ring()
	uc.Log.InfoContext(ctx, "password reset by mail", "user_id", user.ID)
	return nil
}
