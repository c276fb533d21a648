package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Closer closes accounts.
type Closer interface {
	// CloseUser leaves nothing personal of an account whose password hash is still the given one, ends its sessions and keys, and
	// returns the ids of the sessions that were alive. Otherwise domain.ErrCurrentPassword.
	CloseUser(ctx context.Context, userID, passwordHash string, e domain.Entry) (ended []string, err error)
}

// Close lets users leave.
type Close struct {
	Announcer
	Confirm
	Users    UserReader
	Sessions SessionReader
	Closer   Closer
	Audit    Audit
}

// Do closes the caller's account for good. What it owns elsewhere follows: Closed tells whom it is about.
func (uc Close) Do(ctx context.Context, a domain.Actor, password string) error {
	user, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now())
	if err != nil {
		return err
	}
	entry := uc.entry(domain.ActDelete, a.From).By(user.ID).About(user.ID, "")
	if err := uc.Password(ctx, user, password); err != nil {
		return uc.Audit.refused(ctx, entry, err)
	}
	ended, err := uc.Closer.CloseUser(ctx, user.ID, user.PasswordHash, entry)
	if err != nil {
		return err
	}
	uc.announce(ctx, domain.RevokedByClose, ended...)
	uc.Log.InfoContext(ctx, "account closed", "user_id", user.ID)
	return nil
}

// ClosedLister finds closed accounts.
type ClosedLister interface {
	ClosedSince(ctx context.Context, since time.Time) ([]string, error)
}

// ClosedKeeps is how long a closed account is told of. A service that was away for longer keeps what it has.
const ClosedKeeps = 90 * 24 * time.Hour

// Closed tells which accounts were closed lately, to those who own something of them.
type Closed struct {
	Basis
	Users ClosedLister
}

// List returns user ids.
func (uc Closed) List(ctx context.Context) ([]string, error) {
	return uc.Users.ClosedSince(ctx, uc.now().Add(-ClosedKeeps))
}
