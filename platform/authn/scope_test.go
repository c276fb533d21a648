package authn_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/authn"
)

// through sends a request of p through a middleware and gives its error and headers.
func through(t *testing.T, p *authn.Principal, m echo.MiddlewareFunc) (passed bool, header http.Header, err error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	if p != nil {
		r = r.WithContext(authn.With(r.Context(), *p))
	}
	w := httptest.NewRecorder()
	err = m(func(echo.Context) error { passed = true; return nil })(echo.New().NewContext(r, w))
	return passed, w.Header(), err
}

func TestScopesAndRoles(t *testing.T) {
	t.Parallel()
	reader := &authn.Principal{Scopes: []string{"videos:read"}, Roles: []string{"user"}}
	tests := map[string]struct {
		who  *authn.Principal
		need echo.MiddlewareFunc
		want error
	}{
		"has it":          {reader, authn.RequireScope("videos:read"), nil},
		"has another":     {reader, authn.RequireScope("videos:write"), authn.ErrScope},
		"has a part":      {reader, authn.RequireScope("videos"), authn.ErrScope},
		"has none":        {&authn.Principal{}, authn.RequireScope("videos:read"), authn.ErrScope},
		"none is named":   {&authn.Principal{}, authn.RequireScope(""), authn.ErrScope},
		"is nobody":       {nil, authn.RequireScope("videos:read"), authn.ErrMissing},
		"is one":          {reader, authn.RequireRole("user"), nil},
		"is not one":      {reader, authn.RequireRole("admin"), authn.ErrRole},
		"is nobody again": {nil, authn.RequireRole("user"), authn.ErrMissing},
	}
	for name, tt := range tests {
		passed, header, err := through(t, tt.who, tt.need)
		if passed != (tt.want == nil) || !errors.Is(err, tt.want) {
			t.Errorf("%s: passed %v, %v; want %v", name, passed, err, tt.want)
		}
		challenge := header.Get("WWW-Authenticate")
		if (tt.want == authn.ErrScope) != strings.Contains(challenge, "insufficient_scope") { //nolint:errorlint // a row of the table
			t.Errorf("%s: WWW-Authenticate is %q", name, challenge)
		}
	}
}

func TestScopesComeFromTheToken(t *testing.T) {
	t.Parallel()
	issuer := newIssuer(t)
	for scope, want := range map[string]string{"": "", "a b": "a b", "  a   b ": "a b"} {
		p, err := verifierOf(t, noon, issuer.Public).Verify(t.Context(), issuer.Token(issuer.Header(), body().But("scope", scope)))
		if err != nil || strings.Join(p.Scopes, " ") != want {
			t.Errorf("%q: %v, %v", scope, p.Scopes, err)
		}
	}
}
