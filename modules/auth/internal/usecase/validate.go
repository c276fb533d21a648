package usecase

import (
	"context"
	"errors"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Reader verifies the signature and claims of an access token. Errors: domain.ErrTokenInvalid, and domain.ErrTokenExpired
// together with the claims when nothing but the time is wrong.
type Reader interface {
	Read(ctx context.Context, token string) (domain.Claims, error)
}

// RefreshReader finds the session of an unspent refresh token. Errors: domain.ErrRefreshInvalid, and domain.ErrTokenRevoked for a
// spent one.
type RefreshReader interface {
	SessionByRefresh(ctx context.Context, hash string) (domain.Session, error)
}

// Validate answers whether a token is good now.
type Validate struct {
	Basis
	Users    UserReader
	Sessions SessionReader
	Refresh  RefreshReader
	Reader   Reader
	Guard    Guard
}

// Validate looks at the database and not at the cache of revocations, so its answer is final.
func (uc Validate) Validate(ctx context.Context, token, client string) (domain.TokenInfo, error) {
	if err := uc.Guard.AllowTokenCall(ctx, client); err != nil {
		return domain.TokenInfo{}, err
	}
	if token == "" {
		return domain.TokenInfo{}, domain.ErrTokenMissing
	}
	info, err := uc.inspect(ctx, token)
	if errors.Is(err, domain.ErrUserNotFound) || errors.Is(err, domain.ErrSessionNotFound) {
		return domain.TokenInfo{}, domain.ErrTokenInvalid.Because(err)
	}
	return info, err
}

func (uc Validate) inspect(ctx context.Context, token string) (domain.TokenInfo, error) {
	if domain.IsRefreshToken(token) {
		return uc.inspectRefresh(ctx, token)
	}
	claims, err := uc.Reader.Read(ctx, token)
	if err != nil {
		return domain.TokenInfo{}, err
	}
	actor := domain.Actor{UserID: claims.UserID, SessionID: claims.SessionID}
	if _, err := standing(ctx, uc.Users, uc.Sessions, actor, uc.now()); err != nil {
		return domain.TokenInfo{}, err
	}
	return domain.TokenInfo{
		Type: domain.AccessToken, UserID: claims.UserID, IssuedAt: claims.IssuedAt, ExpiresAt: claims.ExpiresAt,
	}, nil
}

func (uc Validate) inspectRefresh(ctx context.Context, token string) (domain.TokenInfo, error) {
	session, err := uc.Refresh.SessionByRefresh(ctx, domain.HashToken(token))
	if err != nil {
		return domain.TokenInfo{}, err
	}
	actor := domain.Actor{UserID: session.UserID, SessionID: session.ID}
	if _, err := standing(ctx, uc.Users, uc.Sessions, actor, uc.now()); err != nil {
		return domain.TokenInfo{}, err
	}
	return domain.TokenInfo{
		Type: domain.RefreshToken, UserID: session.UserID, IssuedAt: session.LastUsedAt, ExpiresAt: session.ExpiresAt,
	}, nil
}
