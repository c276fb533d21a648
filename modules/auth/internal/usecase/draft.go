package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// MailReader finds a mail that is to be sent; domain.ErrMailObsolete when it is gone with its user.
type MailReader interface {
	MailByID(ctx context.Context, id string) (domain.Mail, error)
}

// MailTokens keeps the secrets of links, by their hashes, and forgets them when they have expired.
type MailTokens interface {
	AddMailToken(ctx context.Context, t domain.MailToken) error
	DeleteMailTokens(ctx context.Context, expiredBefore time.Time) error
}

// MailPurger deletes mails that were settled long ago.
type MailPurger interface {
	Purge(ctx context.Context, before time.Time, n int) (int, error)
}

// Drafts collects what goes into a mail at the moment it is sent.
type Drafts struct {
	Basis
	Users  UserReader
	Mails  MailReader
	Tokens MailTokens
	Purger MailPurger
	Lives  map[domain.Purpose]time.Duration
}

// Draft makes the secret of the link now and stores its hash before anybody sees it. An attempt that failed leaves a hash
// without a reader, or with one if the server's yes was lost: both mails then hold a link that works.
func (uc Drafts) Draft(ctx context.Context, id string) (domain.Draft, error) {
	mail, err := uc.Mails.MailByID(ctx, id)
	if err != nil {
		return domain.Draft{}, err
	}
	user, err := uc.Users.UserByID(ctx, mail.UserID)
	if errors.Is(err, domain.ErrUserNotFound) || err == nil && !mail.Wanted(user, uc.now()) {
		return domain.Draft{}, domain.ErrMailObsolete
	}
	if err != nil {
		return domain.Draft{}, err
	}
	draft := domain.Draft{Mail: mail, User: user}
	if purpose := mail.Purpose(); purpose != "" {
		draft.Token, draft.Life = domain.NewMailToken(), uc.Lives[purpose]
		err = uc.Tokens.AddMailToken(ctx, domain.MailToken{
			Hash: domain.HashToken(draft.Token), UserID: user.ID, Purpose: purpose, CreatedAt: uc.now(), ExpiresAt: uc.now().Add(draft.Life),
		})
	}
	return draft, err
}

// mailsKept is how long an operator can look up what became of a mail.
const mailsKept = 30 * 24 * time.Hour

// Sweep forgets expired secrets and old mails.
func (uc Drafts) Sweep(ctx context.Context) error {
	if err := uc.Tokens.DeleteMailTokens(ctx, uc.now()); err != nil {
		return err
	}
	for {
		n, err := uc.Purger.Purge(ctx, uc.now().Add(-mailsKept), sweepBatch)
		if err != nil || n < sweepBatch {
			return err
		}
	}
}
