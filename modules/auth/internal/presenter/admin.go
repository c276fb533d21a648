package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// ListUsers shows a page of users.
func (p *Presenter) ListUsers(c echo.Context, params ListUsersParams) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	after, err := domain.ParsePlace(given(params.Cursor))
	if err != nil {
		return err
	}
	search := domain.Search{Text: given(params.Q), After: after, Limit: domain.DefaultPage}
	if params.Status != nil {
		search.Status = domain.Status(*params.Status)
	}
	if params.Role != nil {
		search.Role = domain.Role(*params.Role)
	}
	if params.Limit != nil {
		search.Limit = *params.Limit
	}
	users, next, err := p.do.ListUsers(c.Request().Context(), who, search)
	if err != nil {
		return err
	}
	noStore(c)
	out := UsersResponse{Success: true, Message: "Users retrieved successfully", Timestamp: p.timestamp()}
	out.Data.NextCursor = absent(next)
	out.Data.Users = make([]ManagedUser, len(users))
	for i, u := range users {
		out.Data.Users[i] = managedUser(u)
	}
	return httpserver.JSON(c, http.StatusOK, out)
}

// ShowUser shows one user.
func (p *Presenter) ShowUser(c echo.Context, id string) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	user, err := p.do.ShowUser(c.Request().Context(), who, id)
	return p.managed(c, "User retrieved successfully", user, err)
}

// BlockUser keeps a user out.
func (p *Presenter) BlockUser(c echo.Context, id string) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	user, err := p.do.BlockUser(c.Request().Context(), who, id)
	return p.managed(c, "User blocked", user, err)
}

// UnblockUser lets a user in again.
func (p *Presenter) UnblockUser(c echo.Context, id string) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	user, err := p.do.UnblockUser(c.Request().Context(), who, id)
	return p.managed(c, "User unblocked", user, err)
}

func (p *Presenter) managed(c echo.Context, message string, u domain.User, err error) error {
	if err != nil {
		return err
	}
	noStore(c)
	out := ManagedUserResponse{Success: true, Message: message, Timestamp: p.timestamp()}
	out.Data.User = managedUser(u)
	return httpserver.JSON(c, http.StatusOK, out)
}

// ListAudit shows a page of the audit log.
func (p *Presenter) ListAudit(c echo.Context, params ListAuditParams) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	trail, err := trailOf(params.Limit, params.Cursor)
	if err != nil {
		return err
	}
	trail.Subject, trail.Action, trail.Since, trail.Until = given(params.UserId), domain.Action(given(params.Action)), params.Since, params.Until
	if params.Outcome != nil {
		trail.Outcome = domain.Outcome(*params.Outcome)
	}
	entries, next, err := p.do.Audit(c.Request().Context(), who, trail)
	if err != nil {
		return err
	}
	return p.entries(c, entries, next)
}

func given(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func managedUser(u domain.User) ManagedUser {
	out := ManagedUser{
		Id: u.ID, Email: u.Email, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName, FullName: u.FullName(),
		Status: UserStatus(u.Status), Role: Role(u.Role), EmailVerified: u.VerifiedAt != nil, CreatedAt: utc(u.CreatedAt), UpdatedAt: utc(u.UpdatedAt),
	}
	if u.LastLogin != nil {
		out.LastLogin = new(utc(*u.LastLogin))
	}
	return out
}
