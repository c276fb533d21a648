package authn

import (
	"fmt"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/fault"
)

// What a good token may be too small for.
var (
	ErrScope = fault.New(fault.Forbidden, "auth.scope_missing", "This credential does not reach that far; use one with the scope that /docs names.")
	ErrRole  = fault.New(fault.Forbidden, "auth.role_missing", "Only an administrator may do this.")
)

// Allows says whether the token has the scope. A token without scopes allows nothing: what is not granted is not there.
func (p Principal) Allows(scope string) bool { return slices.Contains(p.Scopes, scope) }

// Is says whether the user had the role when the token was issued.
func (p Principal) Is(role string) bool { return slices.Contains(p.Roles, role) }

// RequireScope lets only tokens with the scope pass. It stands behind Verifier.Middleware.
func RequireScope(scope string) echo.MiddlewareFunc {
	return require(func(c echo.Context, p Principal) error {
		if p.Allows(scope) {
			return nil
		}
		// RFC 6750 section 3.1 wants the challenge beside the 403, with what would have sufficed.
		c.Response().Header().Set(echo.HeaderWWWAuthenticate,
			fmt.Sprintf(`Bearer realm="fiapx", error="insufficient_scope", scope="%s"`, scope))
		return ErrScope.Sayf("This credential does not reach that far; use one with the scope %s.", scope)
	})
}

// RequireRole lets only users with the role pass. It stands behind Verifier.Middleware.
func RequireRole(role string) echo.MiddlewareFunc {
	return require(func(_ echo.Context, p Principal) error {
		if p.Is(role) {
			return nil
		}
		return ErrRole
	})
}

func require(check func(echo.Context, Principal) error) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			p, ok := FromContext(c.Request().Context())
			if !ok {
				return Challenge(c, ErrMissing)
			}
			if err := check(c, p); err != nil {
				return err
			}
			return next(c)
		}
	}
}
