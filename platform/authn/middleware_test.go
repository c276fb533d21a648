package authn_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/authn/authntest"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestBearer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers []string
		want    string
		code    string
	}{
		"none":          {nil, "", "auth.token_missing"},
		"empty":         {[]string{""}, "", "auth.token_missing"},
		"good":          {[]string{"Bearer a.b-c_d"}, "a.b-c_d", ""},
		"lower case":    {[]string{"bearer abc"}, "abc", ""},
		"wide":          {[]string{"Bearer   abc "}, "abc", ""},
		"no token":      {[]string{"Bearer"}, "", "auth.token_invalid"},
		"other scheme":  {[]string{"Basic dXNlcjpwYXNz"}, "", "auth.token_invalid"},
		"two tokens":    {[]string{"Bearer a b"}, "", "auth.token_invalid"},
		"comma":         {[]string{"Bearer a,Bearer b"}, "", "auth.token_invalid"},
		"two headers":   {[]string{"Bearer a", "Bearer b"}, "", "auth.token_invalid"},
		"control bytes": {[]string{"Bearer a\x01b"}, "", "auth.token_invalid"},
		"oversized":     {[]string{"Bearer " + strings.Repeat("a", 9<<10)}, "", "auth.token_invalid"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header["Authorization"] = c.headers
		got, err := authn.Bearer(r)
		if got != c.want || (err != nil || c.code != "") && fault.From(err).Code != c.code {
			t.Errorf("%s: %q, %v; want %q, %q", name, got, err, c.want, c.code)
		}
	}
}

// untouchable fails the test when somebody reads a body before the caller is known.
type untouchable struct{ t *testing.T }

func (u untouchable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// pass sends a request with that Authorization through the middleware and returns who arrived behind it.
func pass(t *testing.T, v *authn.Verifier, authorization string) (p authn.Principal, arrived bool, err error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", untouchable{t})
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	c := echo.New().NewContext(r, httptest.NewRecorder())
	err = v.Middleware()(func(c echo.Context) error {
		p, arrived = authn.FromContext(c.Request().Context())
		return nil
	})(c)
	return p, arrived, err
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	i := authntest.NewIssuer(t, jwa.EdDSA, "k1")
	v := verifierOf(t, noon, i.Public)
	p, arrived, err := pass(t, v, "Bearer "+i.Token(i.Header(), body()))
	if err != nil || !arrived || p.UserID != "user" || p.SessionID != "session" {
		t.Errorf("a good token: %+v, %v, %v", p, arrived, err)
	}
	for authorization, code := range map[string]string{
		"":              "auth.token_missing",
		"Bearer x.y.z":  "auth.token_invalid",
		"Basic dXNlcjo": "auth.token_invalid",
		"Bearer " + i.Token(i.Header(), body().But("exp", noon.Unix())): "auth.token_expired",
	} {
		_, arrived, err := pass(t, v, authorization)
		f := fault.From(err)
		if arrived || f == nil || f.Code != code || f.Kind != fault.Unauthenticated {
			t.Errorf("%q: arrived %v, %v; want %s", authorization, arrived, err, code)
		}
	}
}

type unreachable struct{}

var errDown = errors.New("connection refused")

func (unreachable) IsRevoked(context.Context, authn.Principal, time.Time) (bool, error) {
	return false, errDown
}

// A good token does not pass while nobody can tell whether it was revoked, and the user is not told to sign in again.
func TestUnknownRevocationIsRefusedAsUnavailable(t *testing.T) {
	t.Parallel()
	i := authntest.NewIssuer(t, jwa.EdDSA, "k1")
	set := jwk.NewSet()
	must(t, set.AddKey(i.Public))
	v := authn.NewVerifier(set, unreachable{}, authn.Config{Issuer: "us", Audience: "api"}, func() time.Time { return noon })
	_, arrived, err := pass(t, v, "Bearer "+i.Token(i.Header(), body()))
	if f := fault.From(err); arrived || f.Kind != fault.Unavailable || f.RetryAfter <= 0 || !errors.Is(err, errDown) {
		t.Errorf("arrived %v, %v; want unavailable because of the lookup", arrived, err)
	}
	// What is wrong in itself needs no lookup.
	if _, _, err := pass(t, v, "Bearer "+i.Token(i.Header(), body().But("iss", "them"))); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("a wrong token: %v", err)
	}
}

// A key that its issuer withdraws from a live set is worthless from that moment on.
func TestLiveSet(t *testing.T) {
	t.Parallel()
	i, next := authntest.NewIssuer(t, jwa.EdDSA, "k1"), authntest.NewIssuer(t, jwa.ES256, "k2")
	set := jwk.NewSet()
	must(t, set.AddKey(i.Public))
	v := authn.NewVerifier(set, quiet{}, authn.Config{Issuer: "us", Audience: "api"}, func() time.Time { return noon })
	verify := func(by authntest.Issuer) error {
		_, err := v.Verify(t.Context(), by.Token(by.Header(), body()))
		return err
	}
	if err := verify(next); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("before it is published: %v", err)
	}
	must(t, set.AddKey(next.Public))
	must(t, set.RemoveKey(i.Public))
	if err := verify(next); err != nil {
		t.Errorf("after it was published: %v", err)
	}
	if err := verify(i); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("after it was withdrawn: %v", err)
	}
}
