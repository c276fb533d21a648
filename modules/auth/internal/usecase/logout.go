package usecase

import (
	"context"
	"errors"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

// Logout ends sessions.
type Logout struct {
	Announcer
	Live     SessionReader
	Sessions SessionRevoker
	Refresh  RefreshReader
	Reader   Reader
}

// Logout ends the session of the token, or all sessions of its user. A token that is worth nothing is no error: then
// there is nothing to end. An expired access token still ends its own session, because the refresh token beside it may
// live for months; it does not end the others. Only failures of ours are returned.
func (uc Logout) Logout(ctx context.Context, token string, everywhere bool, from domain.Origin) error {
	actor, current, err := uc.holder(ctx, token)
	if err != nil {
		if fault.KindOf(err) == fault.Unauthenticated {
			return nil
		}
		return err
	}
	entry := uc.entry(domain.ActLogout, from).By(actor.UserID).About(actor.UserID, actor.SessionID)
	if everywhere && current {
		return uc.all(ctx, actor, entry.Because(domain.Done, "everywhere"))
	}
	ended, err := uc.Sessions.RevokeSession(ctx, actor.SessionID, domain.RevokedByLogout, entry)
	if err == nil && ended {
		uc.announce(ctx, domain.RevokedByLogout, actor.SessionID)
	}
	return err
}

// holder finds whose token it is; current says that it is good for more than ending its own session.
func (uc Logout) holder(ctx context.Context, token string) (a domain.Actor, current bool, err error) {
	if domain.IsRefreshToken(token) {
		session, err := uc.Refresh.SessionByRefresh(ctx, domain.HashToken(token))
		a = domain.Actor{UserID: session.UserID, SessionID: session.ID}
		return a, session.Check(uc.now()) == nil, err
	}
	claims, err := uc.Reader.Read(ctx, token)
	a = domain.Actor{UserID: claims.UserID, SessionID: claims.SessionID}
	if errors.Is(err, domain.ErrTokenExpired) && a.SessionID != "" {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	session, err := uc.Live.SessionByID(ctx, a.SessionID)
	return a, err == nil && session.Check(uc.now()) == nil, err
}

func (uc Logout) all(ctx context.Context, a domain.Actor, e domain.Entry) error {
	ids, err := uc.Sessions.RevokeUserSessions(ctx, a.UserID, domain.RevokedByLogout, e)
	if err != nil {
		return err
	}
	uc.announce(ctx, domain.RevokedByLogout, ids...)
	return nil
}
