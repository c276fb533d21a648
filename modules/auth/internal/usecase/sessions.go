package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// SessionKeeper lists and ends the sessions of one user. Those that belong to API keys are not among them.
type SessionKeeper interface {
	// SignedIn returns at most limit living sessions, the ones used last first.
	SignedIn(ctx context.Context, userID string, now time.Time, limit int) ([]domain.Session, error)
	// RevokeOwn ends a session if it is the user's and alive. domain.ErrNoSuchSession.
	RevokeOwn(ctx context.Context, userID, id string, e domain.Entry) error
	// RevokeOthers ends all but one and returns the ids of those that were alive.
	RevokeOthers(ctx context.Context, userID, except string, e domain.Entry) ([]string, error)
}

const maxSessions = 100

// Sessions shows users where they are signed in and lets them end that.
type Sessions struct {
	Announcer
	Users    UserReader
	Sessions SessionReader
	Keeper   SessionKeeper
}

// List returns the caller's living sessions, at most a hundred, the ones used last first.
func (uc Sessions) List(ctx context.Context, a domain.Actor) ([]domain.Session, error) {
	if _, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now()); err != nil {
		return nil, err
	}
	return uc.Keeper.SignedIn(ctx, a.UserID, uc.now(), maxSessions)
}

// Revoke ends one session of the caller, which may be the one that he calls with.
func (uc Sessions) Revoke(ctx context.Context, a domain.Actor, id string) error {
	if _, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now()); err != nil {
		return err
	}
	entry := uc.entry(domain.ActSessionRevoke, a.From).By(a.UserID).About(a.UserID, id)
	if err := uc.Keeper.RevokeOwn(ctx, a.UserID, id, entry); err != nil {
		return err
	}
	uc.announce(ctx, domain.RevokedByOwner, id)
	return nil
}

// RevokeOthers ends all sessions of the caller but the one that he calls with, and tells how many.
func (uc Sessions) RevokeOthers(ctx context.Context, a domain.Actor) (int, error) {
	if _, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now()); err != nil {
		return 0, err
	}
	entry := uc.entry(domain.ActSessionRevoke, a.From).By(a.UserID).About(a.UserID, "").Because(domain.Done, "others")
	ended, err := uc.Keeper.RevokeOthers(ctx, a.UserID, a.SessionID, entry)
	if err != nil {
		return 0, err
	}
	uc.announce(ctx, domain.RevokedByOwner, ended...)
	return len(ended), nil
}
