package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Publisher tells the servers that verify tokens offline that a session is over. The word is kept for ttl.
type Publisher interface {
	RevokeSession(ctx context.Context, sessionID string, ttl time.Duration) error
	// MarkComplete says that every revocation that matters has been published. Complete tells whether that is still so: a
	// cache that lost its memory has lost the mark too.
	MarkComplete(ctx context.Context) error
	Complete(ctx context.Context) (bool, error)
}

// SessionRevoker ends sessions in the database, which is the truth.
type SessionRevoker interface {
	// RevokeSession is idempotent; ended is false, and the entry not written, when the session was over already or never was.
	RevokeSession(ctx context.Context, id, reason string, e domain.Entry) (ended bool, err error)
	// RevokeUserSessions ends all sessions of a user and returns the ids of those that were alive.
	RevokeUserSessions(ctx context.Context, userID, reason string, e domain.Entry) ([]string, error)
}

// Announcer publishes revocations that the database already holds.
type Announcer struct {
	Basis
	Publisher Publisher
	// Longest is the lifetime of the longest access token: nobody needs to know any more after it.
	Longest time.Duration
}

// announce does not fail its caller: the revocation is committed, and Maintain repeats the announcement until no access
// token can need it. While the cache is down the verifiers refuse everything anyway.
func (a Announcer) announce(ctx context.Context, reason string, sessionIDs ...string) {
	for _, id := range sessionIDs {
		if err := a.Publisher.RevokeSession(ctx, id, a.Longest); err != nil {
			a.Log.WarnContext(ctx, "session revoked but not yet announced", "session_id", id, "err", err)
		}
		a.Log.InfoContext(ctx, "session revoked", "session_id", id, "reason", reason)
	}
}

// standing returns the user and session of an authenticated caller if both are in good standing. The token alone says
// what was true when it was signed; changes to an account ask again.
func standing(ctx context.Context, users UserReader, sessions SessionReader, a domain.Actor, now time.Time) (domain.User, error) {
	session, err := sessions.SessionByID(ctx, a.SessionID)
	if err != nil {
		return domain.User{}, err
	}
	if session.UserID != a.UserID {
		return domain.User{}, domain.ErrTokenInvalid
	}
	if err := session.Check(now); err != nil {
		return domain.User{}, err
	}
	user, err := users.UserByID(ctx, a.UserID)
	if err != nil {
		return domain.User{}, err
	}
	return user, user.Admit()
}
