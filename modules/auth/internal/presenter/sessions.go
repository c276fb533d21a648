package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// ListSessions shows where the caller is signed in.
func (p *Presenter) ListSessions(c echo.Context) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	sessions, err := p.do.ListSessions(c.Request().Context(), who)
	if err != nil {
		return err
	}
	noStore(c)
	out := SessionsResponse{Success: true, Message: "Sessions retrieved successfully", Timestamp: p.timestamp()}
	out.Data.Sessions = make([]Session, len(sessions))
	for i, s := range sessions {
		out.Data.Sessions[i] = Session{
			Id: s.ID, Current: s.ID == who.SessionID, RememberMe: s.Remember, Address: s.From.Address, UserAgent: s.From.Agent,
			CreatedAt: utc(s.CreatedAt), LastUsedAt: utc(s.LastUsedAt), ExpiresAt: utc(s.ExpiresAt),
		}
	}
	return httpserver.JSON(c, http.StatusOK, out)
}

// RevokeSession ends one of the caller's sessions.
func (p *Presenter) RevokeSession(c echo.Context, id string) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	if err := p.do.RevokeSession(c.Request().Context(), who, id); err != nil {
		return err
	}
	return p.revoked(c, "Session revoked", 1)
}

// RevokeOtherSessions ends all of the caller's sessions but this one.
func (p *Presenter) RevokeOtherSessions(c echo.Context) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	n, err := p.do.RevokeOthers(c.Request().Context(), who)
	if err != nil {
		return err
	}
	return p.revoked(c, "Other sessions revoked", n)
}

func (p *Presenter) revoked(c echo.Context, message string, n int) error {
	noStore(c)
	out := RevokedResponse{Success: true, Message: message, Timestamp: p.timestamp()}
	out.Data.Revoked = n
	return httpserver.JSON(c, http.StatusOK, out)
}

// ListActivity shows what happened to the caller's account.
func (p *Presenter) ListActivity(c echo.Context, params ListActivityParams) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	trail, err := trailOf(params.Limit, params.Cursor)
	if err != nil {
		return err
	}
	entries, next, err := p.do.Activity(c.Request().Context(), who, trail)
	if err != nil {
		return err
	}
	return p.entries(c, entries, next)
}

func trailOf(limit *int, cursor *string) (t domain.Trail, err error) {
	t.Limit = domain.DefaultPage
	if limit != nil {
		t.Limit = *limit
	}
	if cursor != nil {
		t.Before, err = domain.ParseCursor(*cursor)
	}
	return t, err
}

func (p *Presenter) entries(c echo.Context, entries []domain.Entry, next string) error {
	noStore(c)
	out := EntriesResponse{Success: true, Message: "Entries retrieved successfully", Timestamp: p.timestamp()}
	out.Data.NextCursor = absent(next)
	out.Data.Entries = make([]Entry, len(entries))
	for i, e := range entries {
		out.Data.Entries[i] = Entry{
			Id: e.Cursor(), At: utc(e.At), Action: string(e.Action), Outcome: EntryOutcome(e.Outcome), Actor: absent(e.Actor),
			UserId: absent(e.Subject), Object: absent(e.Object), Detail: absent(e.Detail), Address: e.From.Address, UserAgent: e.From.Agent,
		}
	}
	return httpserver.JSON(c, http.StatusOK, out)
}

// absent is null on the wire for what is empty.
func absent(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
