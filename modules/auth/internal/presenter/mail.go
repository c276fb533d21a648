package presenter

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// VerifyEmail confirms the address that a link was sent to.
func (p *Presenter) VerifyEmail(c echo.Context) error {
	in, err := decode[VerifyEmailRequest](c)
	if err != nil {
		return err
	}
	if err := p.do.VerifyEmail(c.Request().Context(), in.Token, origin(c)); err != nil {
		return err
	}
	return p.done(c, http.StatusOK, "The address is confirmed; you can sign in now")
}

// ResendVerification has the link sent again.
func (p *Presenter) ResendVerification(c echo.Context) error {
	return p.ask(c, p.do.SendVerify)
}

// ForgotPassword has a link sent that lets its reader choose a new password.
func (p *Presenter) ForgotPassword(c echo.Context) error {
	return p.ask(c, p.do.ForgotPassword)
}

// ask answers the same whether or not there is such an account.
func (p *Presenter) ask(c echo.Context, send func(context.Context, domain.MailRequest) error) error {
	in, err := decode[MailLinkRequest](c)
	if err != nil {
		return err
	}
	err = send(c.Request().Context(), domain.MailRequest{
		Identifier: in.Identifier, Locale: httpserver.Language(c.Request()), From: origin(c),
	})
	if err != nil {
		return err
	}
	return p.done(c, http.StatusAccepted, "If there is such an account, a mail with a link is on its way")
}

// ResetPassword replaces a forgotten password.
func (p *Presenter) ResetPassword(c echo.Context) error {
	in, err := decode[ResetPasswordRequest](c)
	if err != nil {
		return err
	}
	err = p.do.ResetPassword(c.Request().Context(), domain.PasswordReset{
		Token: in.Token, New: in.NewPassword, Locale: httpserver.Language(c.Request()), From: origin(c),
	})
	if err != nil {
		return err
	}
	return p.done(c, http.StatusOK, "The password is changed; all sessions have ended, sign in with the new one")
}

func (p *Presenter) done(c echo.Context, status int, message string) error {
	noStore(c)
	return httpserver.JSON(c, status, Confirmation{Success: true, Message: message, Timestamp: p.timestamp()})
}
