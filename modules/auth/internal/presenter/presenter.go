// Package presenter holds echo handlers that turn requests into calls of use cases and their results into the bodies of
// openapi.yaml, from which the wire types are generated. Errors pass through as faults; the platform writes them.
package presenter

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// UseCases is what the handlers call, one function each.
type UseCases struct {
	Register       func(ctx context.Context, in domain.Registration) (domain.User, error)
	Login          func(ctx context.Context, in domain.Credentials) (domain.Grant, error)
	Refresh        func(ctx context.Context, token string, from domain.Origin) (domain.Grant, error)
	Logout         func(ctx context.Context, token string, everywhere bool, from domain.Origin) error
	Validate       func(ctx context.Context, token, client string) (domain.TokenInfo, error)
	ShowProfile    func(ctx context.Context, a domain.Actor) (domain.User, error)
	UpdateProfile  func(ctx context.Context, a domain.Actor, c domain.ProfileChange) (domain.User, error)
	ChangePassword func(ctx context.Context, a domain.Actor, c domain.PasswordChange) error
	ListSessions   func(ctx context.Context, a domain.Actor) ([]domain.Session, error)
	RevokeSession  func(ctx context.Context, a domain.Actor, id string) error
	RevokeOthers   func(ctx context.Context, a domain.Actor) (int, error)
	Activity       func(ctx context.Context, a domain.Actor, t domain.Trail) ([]domain.Entry, string, error)
	VerifyEmail    func(ctx context.Context, token string, from domain.Origin) error
	SendVerify     func(ctx context.Context, in domain.MailRequest) error
	ForgotPassword func(ctx context.Context, in domain.MailRequest) error
	ResetPassword  func(ctx context.Context, in domain.PasswordReset) error
	CreateAPIKey   func(ctx context.Context, a domain.Actor, in domain.NewAPIKey) (domain.APIKey, string, error)
	ListAPIKeys    func(ctx context.Context, a domain.Actor) ([]domain.APIKey, error)
	RevokeAPIKey   func(ctx context.Context, a domain.Actor, id string) error
	RevokeAPIKeys  func(ctx context.Context, a domain.Actor) (int, error)
	Exchange       func(ctx context.Context, key string) (domain.KeyGrant, error)
	ListUsers      func(ctx context.Context, a domain.Actor, s domain.Search) ([]domain.User, string, error)
	ShowUser       func(ctx context.Context, a domain.Actor, id string) (domain.User, error)
	BlockUser      func(ctx context.Context, a domain.Actor, id string) (domain.User, error)
	UnblockUser    func(ctx context.Context, a domain.Actor, id string) (domain.User, error)
	Audit          func(ctx context.Context, a domain.Actor, t domain.Trail) ([]domain.Entry, string, error)
	CloseAccount   func(ctx context.Context, a domain.Actor, password string) error
	// Keys is the public key set, as JSON.
	Keys func() ([]byte, error)
	// Revoked are the ids of sessions that ended before their access tokens.
	Revoked func(ctx context.Context) ([]string, error)
	// Closed are authn.AccountDigest of the accounts that were closed lately.
	Closed func(ctx context.Context) ([]string, error)
}

// Presenter implements the generated ServerInterface.
type Presenter struct {
	do       UseCases
	validate echo.MiddlewareFunc
	now      func() time.Time
}

var _ ServerInterface = (*Presenter)(nil)

// New returns the handlers; validate checks requests against the contract.
func New(do UseCases, validate echo.MiddlewareFunc, now func() time.Time) *Presenter {
	return &Presenter{do: do, validate: validate, now: now}
}

// Routes registers every operation of the contract. authenticate runs first on the routes that need a caller, before a
// body is read.
func (p *Presenter) Routes(r httpserver.Router, authenticate echo.MiddlewareFunc) {
	open := []echo.MiddlewareFunc{p.validate}
	own := func(scope domain.Scope) []echo.MiddlewareFunc {
		return []echo.MiddlewareFunc{authenticate, authn.RequireScope(string(scope)), p.validate}
	}
	admin := []echo.MiddlewareFunc{authenticate, authn.RequireRole(string(domain.RoleAdmin)), authn.RequireScope(string(domain.Admin)), p.validate}
	read, write := own(domain.AccountRead), own(domain.AccountWrite)
	RegisterHandlersWithOptions(r, p, RegisterHandlersOptions{OperationMiddlewares: map[string][]echo.MiddlewareFunc{
		"register": open, "login": open, "refresh": open, "logout": open, "validateToken": open, "exchangeKey": open,
		"verifyEmail": open, "resendVerification": open, "forgotPassword": open, "resetPassword": open,
		"getProfile": read, "updateProfile": write, "changePassword": write, "closeAccount": write,
		"listSessions": read, "revokeSession": write, "revokeOtherSessions": write, "listActivity": read,
		"listUsers": admin, "showUser": admin, "blockUser": admin, "unblockUser": admin, "listAudit": admin,
		"createAPIKey": write, "listAPIKeys": read, "revokeAPIKey": write, "revokeAPIKeys": write,
	}})
}

// maxBody is far above the largest body the contract allows.
const maxBody = 64 << 10

// decode reads a body that the validator has approved; no body is the zero value, because whether there must be one is the
// validator's business. echo's own Bind would also fill fields from the path and the query, and insists on a content type.
func decode[T any](c echo.Context) (T, error) {
	var body T
	data, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	if err != nil {
		return body, fmt.Errorf("read body: %w", err)
	}
	if len(data) == 0 {
		return body, nil
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return body, errNotJSON.Because(err)
	}
	return body, nil
}

var errNotJSON = fault.New(fault.Unprocessable, "request.invalid_json",
	"The body is not the JSON this route expects; compare it with /openapi.yaml.")

// actor is the caller, who may name himself in user_id but nobody else.
func actor(c echo.Context, userID *string) (domain.Actor, error) {
	who, ok := authn.FromContext(c.Request().Context())
	if !ok {
		return domain.Actor{}, domain.ErrTokenMissing
	}
	if userID != nil && *userID != who.UserID {
		return domain.Actor{}, domain.ErrNotYours
	}
	return domain.Actor{UserID: who.UserID, SessionID: who.SessionID, From: origin(c)}, nil
}

func client(c echo.Context) string { return origin(c).Key() }

func origin(c echo.Context) domain.Origin {
	return domain.NewOrigin(c.RealIP(), c.Request().UserAgent())
}

// noStore keeps tokens and personal data out of every cache on the way.
func noStore(c echo.Context) { c.Response().Header().Set(echo.HeaderCacheControl, "no-store") }

func (p *Presenter) timestamp() time.Time { return utc(p.now()) }

func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// GetKeys serves the public keys. Verifiers may keep them for five minutes.
func (p *Presenter) GetKeys(c echo.Context) error {
	keys, err := p.do.Keys()
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=300")
	return c.JSONBlob(http.StatusOK, keys)
}

// GetRevokedSessions serves what verifiers without a shared cache need, and no ids that mean something elsewhere.
func (p *Presenter) GetRevokedSessions(c echo.Context) error {
	ids, err := p.do.Revoked(c.Request().Context())
	if err != nil {
		return err
	}
	feed := RevokedSessions{Sessions: make([]string, len(ids))}
	for i, id := range ids {
		feed.Sessions[i] = authn.SessionDigest(id)
	}
	noStore(c)
	return httpserver.JSON(c, http.StatusOK, feed)
}

// GetClosedAccounts serves what other services need to remove what closed accounts owned there.
func (p *Presenter) GetClosedAccounts(c echo.Context) error {
	digests, err := p.do.Closed(c.Request().Context())
	if err != nil {
		return err
	}
	noStore(c)
	return httpserver.JSON(c, http.StatusOK, ClosedAccounts{Accounts: digests})
}

// CloseAccount closes the caller's account.
func (p *Presenter) CloseAccount(c echo.Context) error {
	who, err := actor(c, nil)
	if err != nil {
		return err
	}
	body, err := decode[CloseAccountRequest](c)
	if err != nil {
		return err
	}
	if err := p.do.CloseAccount(c.Request().Context(), who, body.CurrentPassword); err != nil {
		return err
	}
	dropCookie(c)
	noStore(c)
	return httpserver.JSON(c, http.StatusAccepted, ClosedResponse{
		Success: true, Message: "Account closed; its videos and results are being deleted", Timestamp: p.timestamp(),
	})
}
