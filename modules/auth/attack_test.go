package auth_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/repository"
	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
	"github.com/fiapx/fiapx/platform/authn/authntest"
)

// thief has the key that signs the service's tokens: the worst case for every check but the signature's.
func (s *service) thief() authntest.Issuer {
	s.t.Helper()
	keys, err := repository.New(s.db).SigningKeys(s.t.Context())
	must(s.t, err)
	current, _, _, _ := domain.KeysByState(keys)
	sealer, err := token.OpenSealer(filepath.Clean(s.keyDir), quiet)
	must(s.t, err)
	data, err := sealer.Open(current.Sealed, current.ID)
	must(s.t, err)
	private, err := jwk.ParseKey(data)
	must(s.t, err)
	return authntest.IssuerOf(s.t, private)
}

// The table of platform/authn/authntest over HTTP, against a guarded route and both ways into validate.
func TestAttacksOverHTTP(t *testing.T) {
	t.Parallel()
	s := startWith(t, func(cfg *auth.Config) { cfg.TokenCalls = 10_000 })
	s.signUp()
	access, refresh := s.signIn()
	body := authntest.Fields(decodePart(t, access, 1))
	thief := s.thief()
	if a := s.call("GET", "/users/profile", thief.Token(thief.Header(), body), ""); a.status != http.StatusOK {
		t.Fatalf("the token that the attacks are made from is refused: %s", a.raw)
	}
	attacks := authntest.Attacks(authntest.Target{Issuer: thief, Other: authntest.NewIssuer(t, jwa.ES256, "ec"), Body: body, Now: s.Now()})
	tried := 0
	for _, a := range attacks {
		if a.Header {
			s.problem(a.Name, s.call("GET", "/users/profile", a.Token, ""), http.StatusUnauthorized, a.Code)
			s.problem(a.Name+", validate", s.call("GET", "/auth/validate", a.Token, ""), http.StatusUnauthorized, a.Code)
			tried++
		}
		if a.Token != "" && len(a.Token) < 4096 { // longer ones are refused by the contract
			s.problem(a.Name+", query", s.call("GET", "/auth/validate?token="+url.QueryEscape(a.Token), "", ""), http.StatusUnauthorized, a.Code)
		}
	}
	t.Logf("%d attacks, %d of them as a header", len(attacks), tried)
	s.problem("refresh token as access token", s.call("GET", "/users/profile", refresh, ""), http.StatusUnauthorized, "auth.token_invalid")
	s.problem("access token as refresh token", s.call("POST", "/auth/refresh", "", `{"refresh_token":"`+access+`"}`), http.StatusUnauthorized, "auth.refresh_invalid")
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, _ := s.signIn()
	challenge := func(tok string) string {
		return s.call("GET", "/users/profile", tok, "").header.Get("WWW-Authenticate")
	}
	if got := challenge(""); got != `Bearer realm="fiapx"` {
		t.Errorf("without a token: %s; RFC 6750 3.1 wants no error there", got)
	}
	const invalid = `Bearer realm="fiapx", error="invalid_token", error_description="`
	if got := challenge("x.y.z"); !strings.HasPrefix(got, invalid) {
		t.Errorf("with a bad token: %s", got)
	}
	s.Advance(time.Hour)
	if got := challenge(access); !strings.HasPrefix(got, invalid+"The token has expired") || strings.Count(got, `"`) != 6 {
		t.Errorf("with an expired token: %s", got)
	}
}
