package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Post decides which mails are written. The zero value writes none.
type Post struct {
	On     bool   // there is a way to send mail
	Verify bool   // addresses must be confirmed before one may sign in
	Ring   func() // called after a mail was committed; may be nil
}

// mails is what a use case hands to the repository, to be stored with its reason.
func (p Post) mails(b Basis, kind domain.MailKind, userID, locale string) []domain.Mail {
	if !p.On {
		return nil
	}
	return []domain.Mail{{ID: b.NewID(), UserID: userID, Kind: kind, Locale: locale, CreatedAt: b.now()}}
}

func (p Post) ring() {
	if p.On && p.Ring != nil {
		p.Ring()
	}
}

// admit says whether a user who has the right password may sign in.
func (p Post) admit(u domain.User) error {
	if err := u.Admit(); err != nil {
		return err
	}
	if p.Verify && u.VerifiedAt == nil {
		return domain.ErrEmailUnverified
	}
	return nil
}

// MailPoster stores mails to be sent, with an entry of the audit log. One of a kind that already waits for the same user is not stored again.
type MailPoster interface {
	PostMails(ctx context.Context, e domain.Entry, mails ...domain.Mail) error
}

// MailGuard bounds how much mail can be caused.
type MailGuard interface {
	// AllowMail counts what a client asks for; domain.ErrTooManyAttempts.
	AllowMail(ctx context.Context, account, client string) error
	// MailDue says whether the account's owner may get one more mail now, whoever asks.
	MailDue(ctx context.Context, account string) bool
}

// AskMail has links sent to the owners of accounts.
type AskMail struct {
	Basis
	Post
	Users UserReader
	Mails MailPoster
	Guard MailGuard
	// Floor is how long every answer takes, so that its time does not tell whether the account exists.
	Floor time.Duration
	Pause func(ctx context.Context, d time.Duration)
}

// Reset has a link sent that lets its reader choose a new password. The answer is the same whether or not there is such an
// account. Errors: domain.ErrMailOff, domain.ErrTooManyAttempts.
func (uc AskMail) Reset(ctx context.Context, in domain.MailRequest) error {
	return uc.ask(ctx, domain.MailReset, in)
}

// Again has the link sent again that confirms an address. The answer tells as little as that of Reset.
func (uc AskMail) Again(ctx context.Context, in domain.MailRequest) error {
	return uc.ask(ctx, domain.MailVerify, in)
}

func (uc AskMail) ask(ctx context.Context, kind domain.MailKind, in domain.MailRequest) error {
	if !uc.On {
		return domain.ErrMailOff
	}
	start := uc.Now()
	account := domain.Fold(in.Identifier)
	if err := uc.Guard.AllowMail(ctx, account, in.From.Key()); err != nil {
		return err
	}
	user, err := uc.Users.UserByLogin(ctx, account)
	if err != nil && !errors.Is(err, domain.ErrUserNotFound) {
		return err
	}
	if err == nil {
		if err := uc.post(ctx, kind, user, in); err != nil {
			return err
		}
	}
	uc.Pause(ctx, uc.Floor-uc.Now().Sub(start))
	return nil
}

// post counts by the user and not by what was typed: an e-mail and a username lead to the same mailbox.
func (uc AskMail) post(ctx context.Context, kind domain.MailKind, user domain.User, in domain.MailRequest) error {
	mails := uc.mails(uc.Basis, kind, user.ID, in.Locale)
	if !mails[0].Wanted(user, uc.now()) || !uc.Guard.MailDue(ctx, user.ID) {
		uc.Log.InfoContext(ctx, "mail asked for and not sent", "user_id", user.ID, "kind", kind)
		return nil
	}
	// Nobody knows who asks, so the entry names no actor.
	entry := uc.entry(domain.ActForgot, in.From).About(user.ID, "")
	if kind == domain.MailVerify {
		entry.Action = domain.ActVerify
		entry = entry.Because(domain.Done, "link_sent")
	}
	if err := uc.Mails.PostMails(ctx, entry, mails...); err != nil {
		return err
	}
	uc.ring()
	return nil
}
