package presenter

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/httpserver"
)

const bearer = "Bearer"

// Register creates an account.
func (p *Presenter) Register(c echo.Context) error {
	in, err := decode[RegisterRequest](c)
	if err != nil {
		return err
	}
	user, err := p.do.Register(c.Request().Context(), domain.Registration{
		Email: in.Email, Username: in.Username, Password: in.Password,
		FirstName: in.FirstName, LastName: in.LastName, From: origin(c), Locale: httpserver.Language(c.Request()),
	})
	if err != nil {
		return err
	}
	noStore(c)
	out := RegisterResponse{Success: true, Message: "User registered successfully", Timestamp: p.timestamp()}
	out.Data.User = registeredUser(user)
	return httpserver.JSON(c, http.StatusCreated, out)
}

// Login opens a session.
func (p *Presenter) Login(c echo.Context) error {
	in, err := decode[LoginRequest](c)
	if err != nil {
		return err
	}
	var browser string
	if yes(in.Cookie) { // a foreign page must not sign a browser in to an account of its choice either
		if err := fromOurPage(c.Request()); err != nil {
			return err
		}
		browser = device(c)
	}
	grant, err := p.do.Login(c.Request().Context(), domain.Credentials{
		Identifier: in.Identifier, Password: in.Password, Remember: yes(in.RememberMe), From: origin(c), Device: browser,
	})
	if err != nil {
		return err
	}
	if browser != "" {
		keepDevice(c, browser)
	}
	noStore(c)
	return httpserver.JSON(c, http.StatusOK, LoginResponse{
		Success: true, Message: "Login successful", Timestamp: p.timestamp(),
		Data: LoginData{
			AccessToken: grant.AccessToken, RefreshToken: p.deliver(c, grant, yes(in.Cookie)), TokenType: bearer,
			ExpiresIn: int(grant.ExpiresIn.Seconds()), User: loginUser(grant.User),
		},
	})
}

// deliver puts the refresh token into the cookie, or returns it for the answer.
func (p *Presenter) deliver(c echo.Context, g domain.Grant, cookie bool) *string {
	if cookie && p.keepInCookie(c, g) {
		return nil
	}
	return &g.RefreshToken
}

// Refresh exchanges a refresh token.
func (p *Presenter) Refresh(c echo.Context) error {
	in, err := decode[RefreshRequest](c)
	if err != nil {
		return err
	}
	token, cookie, err := presented(c, in.RefreshToken)
	if err != nil {
		return err
	}
	grant, err := p.do.Refresh(c.Request().Context(), token, origin(c))
	if cookie && worthless(err) {
		dropCookie(c)
	}
	if err != nil {
		return err
	}
	noStore(c)
	return httpserver.JSON(c, http.StatusOK, RefreshResponse{
		Success: true, Message: "Token refreshed successfully", Timestamp: p.timestamp(),
		Data: RefreshData{
			AccessToken: grant.AccessToken, RefreshToken: p.deliver(c, grant, cookie), TokenType: bearer,
			ExpiresIn: int(grant.ExpiresIn.Seconds()),
		},
	})
}

// Logout ends a session. A missing or worthless token is no reason to refuse: there is nothing to end.
func (p *Presenter) Logout(c echo.Context) error {
	in, err := decode[LogoutRequest](c)
	if err != nil {
		return err
	}
	token, err := authn.Bearer(c.Request())
	if kept := refreshCookie(c); err != nil && kept != "" {
		if err := fromOurPage(c.Request()); err != nil {
			return err
		}
		token = kept
	}
	if token != "" {
		if err := p.do.Logout(c.Request().Context(), token, yes(in.RevokeAll), origin(c)); err != nil {
			return err
		}
	}
	dropCookie(c)
	noStore(c)
	return httpserver.JSON(c, http.StatusOK, LogoutResponse{Success: true, Message: "Logout successful", Timestamp: p.timestamp()})
}

// ValidateToken says whether a token is good; the query parameter goes before the header.
func (p *Presenter) ValidateToken(c echo.Context, params ValidateTokenParams) error {
	token, err := tokenOf(c.Request(), params.Token)
	if err != nil {
		return authn.Challenge(c, err)
	}
	info, err := p.do.Validate(c.Request().Context(), token, client(c))
	if err != nil {
		return authn.Challenge(c, err)
	}
	noStore(c)
	return httpserver.JSON(c, http.StatusOK, ValidateResponse{
		Success: true, Message: "Token is valid", Timestamp: p.timestamp(),
		Data: ValidateData{
			Valid: true, UserId: info.UserID, TokenType: ValidateDataTokenType(info.Type),
			ExpiresAt: info.ExpiresAt.Unix(), IssuedAt: info.IssuedAt.Unix(),
		},
	})
}

// tokenOf leaves it to the use case to speak about a missing token.
func tokenOf(r *http.Request, query *string) (string, error) {
	if query != nil {
		return *query, nil
	}
	token, err := authn.Bearer(r)
	if errors.Is(err, authn.ErrMissing) {
		return "", nil
	}
	return token, err
}
