package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Signer turns claims into an access token.
type Signer interface {
	Sign(ctx context.Context, c domain.Claims) (string, error)
}

// Lifetimes of tokens.
type Lifetimes struct {
	Access, Refresh                 time.Duration
	RememberAccess, RememberRefresh time.Duration
}

func (l Lifetimes) access(remember bool) time.Duration {
	if remember {
		return l.RememberAccess
	}
	return l.Access
}

func (l Lifetimes) refresh(remember bool) time.Duration {
	if remember {
		return l.RememberRefresh
	}
	return l.Refresh
}

// Longest is how long an access token can outlive the revocation of its session.
func (l Lifetimes) Longest() time.Duration { return max(l.Access, l.RememberAccess) }

// issue signs an access token of somebody who signed in.
func (b Basis) issue(ctx context.Context, signer Signer, user domain.User, s domain.Session, life time.Duration) (string, time.Duration, error) {
	return b.sign(ctx, signer, user, s, domain.SessionScopes(user), life)
}

// sign makes an access token of the session. It never outlives the session.
func (b Basis) sign(
	ctx context.Context, signer Signer, user domain.User, s domain.Session, scopes []domain.Scope, life time.Duration,
) (string, time.Duration, error) {
	now := b.now()
	life = min(life, s.ExpiresAt.Sub(now)).Truncate(time.Second)
	token, err := signer.Sign(ctx, domain.Claims{
		ID: b.NewID(), SessionID: s.ID,
		UserID: user.ID, Username: user.Username, Email: user.Email, Roles: user.Roles(), Scopes: scopes,
		IssuedAt: now, ExpiresAt: now.Add(life),
	})
	return token, life, err
}
