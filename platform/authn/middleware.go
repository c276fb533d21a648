package authn

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/observe"
)

// Middleware lets only requests with a good access token or API key pass and puts their principal into the context. It runs before
// anything of the body is read, and returns faults for the server to write.
func (v *Verifier) Middleware() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			credential, err := Credential(r)
			if err != nil {
				return Challenge(c, err)
			}
			p, err := v.Authenticate(r.Context(), credential)
			if err != nil {
				return Challenge(c, err)
			}
			ctx := observe.WithAttrs(With(r.Context(), p), slog.String("user_id", p.UserID))
			c.SetRequest(r.WithContext(ctx))
			return next(c)
		}
	}
}

// Challenge tells a client whose token is refused why, in the header of RFC 6750 section 3: a program needs to know whether to
// refresh. A request without a token is only told what is wanted. It returns err.
func Challenge(c echo.Context, err error) error {
	f := fault.From(err)
	if f == nil || f.Kind != fault.Unauthenticated {
		return err
	}
	challenge := `Bearer realm="fiapx"`
	if !errors.Is(err, ErrMissing) {
		challenge += `, error="invalid_token", error_description="` + description.Replace(f.Message) + `"`
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge)
	return err
}

// description keeps to the alphabet of RFC 6750 section 3, which has neither quotes nor backslashes.
var description = strings.NewReplacer(`"`, "'", `\`, "/")

// Bearer is the token of the Authorization header: ErrMissing without the header, ErrInvalid when it is not one bearer
// token (RFC 6750 section 2.1). Tokens are taken from nowhere else, because addresses end up in logs and histories.
func Bearer(r *http.Request) (string, error) {
	values := r.Header.Values(echo.HeaderAuthorization)
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", ErrMissing
	case len(values) > 1:
		return "", ErrInvalid.Because(errors.New("several Authorization headers"))
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.Trim(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > maxToken || !tokenAlphabet(token) {
		return "", ErrInvalid.Because(errors.New("the Authorization header is not a bearer token"))
	}
	return token, nil
}

func tokenAlphabet(token string) bool {
	for _, b := range []byte(token) {
		if !letterOrDigit(b) && !strings.ContainsRune("-._~+/=", rune(b)) {
			return false
		}
	}
	return true
}
