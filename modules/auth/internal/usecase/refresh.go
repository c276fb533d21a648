package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Rotator spends refresh tokens. Of concurrent calls with one token exactly one inserts the successor; the others, and
// later ones within the grace, are given the salt that leads to the same successor. Errors: domain.ErrRefreshInvalid for
// an unknown token, domain.ErrTokenRevoked and domain.ErrTokenExpired for the session's state.
type Rotator interface {
	Rotate(ctx context.Context, r domain.Rotation) (domain.Rotated, error)
}

// Refresh exchanges refresh tokens.
type Refresh struct {
	Announcer
	Users     UserReader
	Sessions  SessionRevoker
	Rotator   Rotator
	Signer    Signer
	Guard     Guard
	Lifetimes Lifetimes
	Grace     time.Duration
}

// Refresh spends a refresh token and returns its successor with a new access token. Access tokens from here are always
// the short ones.
func (uc Refresh) Refresh(ctx context.Context, token string, from domain.Origin) (domain.Grant, error) {
	if err := uc.Guard.AllowTokenCall(ctx, from.Key()); err != nil {
		return domain.Grant{}, err
	}
	if !domain.IsRefreshToken(token) {
		return domain.Grant{}, domain.ErrRefreshInvalid
	}
	rotated, err := uc.rotate(ctx, token, from)
	if err != nil {
		return domain.Grant{}, err
	}
	user, err := uc.owner(ctx, rotated.Session, from)
	if err != nil {
		return domain.Grant{}, err
	}
	access, life, err := uc.issue(ctx, uc.Signer, user, rotated.Session, uc.Lifetimes.Access)
	if err != nil {
		return domain.Grant{}, err
	}
	return domain.Grant{
		AccessToken: access, RefreshToken: domain.Successor(token, rotated.Salt), ExpiresIn: life, User: user,
		Remember: rotated.Session.Remember, SessionEnds: rotated.Session.ExpiresAt,
	}, nil
}

func (uc Refresh) rotate(ctx context.Context, token string, from domain.Origin) (domain.Rotated, error) {
	salt := domain.NewSalt()
	rotated, err := uc.Rotator.Rotate(ctx, domain.Rotation{
		Hash: domain.HashToken(token), Salt: salt, SuccessorHash: domain.HashToken(domain.Successor(token, salt)),
		Grace: uc.Grace, Entry: uc.entry(domain.ActRefreshReuse, from),
	})
	if err != nil {
		return domain.Rotated{}, err
	}
	if rotated.Reused {
		uc.Log.WarnContext(ctx, "refresh token reused", "session_id", rotated.Session.ID, "user_id", rotated.Session.UserID)
		uc.announce(ctx, domain.RevokedByReuse, rotated.Session.ID)
		return domain.Rotated{}, domain.ErrRefreshReused
	}
	return rotated, nil
}

// owner ends the session of a user who may no longer sign in.
func (uc Refresh) owner(ctx context.Context, s domain.Session, from domain.Origin) (domain.User, error) {
	user, err := uc.Users.UserByID(ctx, s.UserID)
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.User{}, domain.ErrTokenRevoked.Because(err)
	}
	if err != nil {
		return domain.User{}, err
	}
	refusal := user.Admit()
	if refusal == nil {
		return user, nil
	}
	entry := uc.entry(domain.ActSessionRevoke, from).About(s.UserID, s.ID).Because(domain.Done, domain.RevokedByStatus)
	if _, err := uc.Sessions.RevokeSession(ctx, s.ID, domain.RevokedByStatus, entry); err != nil {
		return domain.User{}, err
	}
	uc.announce(ctx, domain.RevokedByStatus, s.ID)
	return domain.User{}, refusal
}
