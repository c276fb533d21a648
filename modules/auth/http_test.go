package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/httpserver"
	"github.com/fiapx/fiapx/platform/mail"
)

// service is the module behind the real HTTP server, with time in the test's hands.
type service struct {
	t *testing.T
	*clock
	db       *database.DB
	module   *auth.Module
	server   *httpserver.Server
	verifier *authn.Verifier
	logged   *logBuffer
	keyDir   string
	tune     func(*auth.Config) // may be nil
	mail     mail.Sender        // may be nil
	post     mail.Config
	language string // of the client; may be empty
}

func defaults(t *testing.T) auth.Config {
	t.Helper()
	var cfg auth.Config
	if err := config.Load(&cfg, func(string) (string, bool) { return "", false }); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func start(t *testing.T) *service {
	t.Helper()
	return startWith(t, nil)
}

func startWith(t *testing.T, tune func(*auth.Config)) *service {
	t.Helper()
	return assemble(t, &service{
		t: t, tune: tune, clock: &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)}, db: dbtest.Open(t, "auth"), keyDir: t.TempDir(),
	})
}

// restart is the same service as a new process sees it: same database and keys, an empty cache.
func (s *service) restart() *service {
	return assemble(s.t, &service{t: s.t, clock: s.clock, db: s.db, keyDir: s.keyDir, tune: s.tune})
}

func assemble(t *testing.T, s *service) *service {
	t.Helper()
	cfg := defaults(t)
	cfg.FailureFloor, cfg.HashWait = 0, time.Minute
	if s.tune != nil {
		s.tune(&cfg)
	}
	shared := memory.New(s.Now)
	s.logged = &logBuffer{}
	log := slog.New(slog.NewJSONHandler(s.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	module, err := auth.New(cfg, auth.Deps{DB: s.db, Cache: shared, Log: log, Now: s.Now, KeyDir: s.keyDir, Mail: s.mail, Post: s.post})
	must(t, err)
	must(t, module.Open(t.Context()))
	server, err := httpserver.New(httpserver.Config{Listen: "localhost:0"}, log)
	if err != nil {
		t.Fatal(err)
	}
	s.module, s.server = module, server
	s.verifier = authn.NewVerifier(module.Keys(), authn.NewRevocations(shared), authn.Config{Issuer: cfg.Issuer, Audience: cfg.Audience}, s.Now).
		WithKeys(module.Exchanger())
	module.Routes(server.Root(), s.verifier)
	return s
}

// logBuffer is written to by the server and read by the test.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// answer is a response whose body is JSON.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

// at walks the body: "data.user.email".
func (a answer) at(path string) any {
	var v any = a.body
	for step := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[step]
	}
	return v
}

func (a answer) text(path string) string {
	s, _ := a.at(path).(string)
	return s
}

// call sends a request; body "" sends none, token "" sends no Authorization.
func (s *service) call(method, target, token, body string) answer {
	s.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), method, target, reader)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.language != "" {
		r.Header.Set("Accept-Language", s.language)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(w, r)
	return decodeAnswer(s.t, w)
}

func decodeAnswer(t *testing.T, w *httptest.ResponseRecorder) answer {
	t.Helper()
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
		t.Fatalf("status %d, body %q is not JSON", w.Code, w.Body)
	}
	return a
}

const anaBody = `{"email":"Ana.Souza@Example.com","username":"AnaS","password":"` + goodPassword + `","first_name":" Ana ","last_name":"Souza <3"}`

func (s *service) signUp() answer {
	s.t.Helper()
	a := s.call("POST", "/auth/register", "", anaBody)
	if a.status != http.StatusCreated {
		s.t.Fatalf("register: %d %s", a.status, a.raw)
	}
	return a
}

// signIn returns an access and a refresh token of Ana's.
func (s *service) signIn() (access, refresh string) {
	s.t.Helper()
	a := s.call("POST", "/auth/login", "", `{"identifier":"anas","password":"`+goodPassword+`"}`)
	if a.status != http.StatusOK {
		s.t.Fatalf("login: %d %s", a.status, a.raw)
	}
	return a.text("data.access_token"), a.text("data.refresh_token")
}

// problem checks an error answer: its status and code, and what every problem has.
func (s *service) problem(what string, a answer, status int, code string) {
	s.t.Helper()
	if a.status != status || a.text("code") != code {
		s.t.Errorf("%s: %d %s; want %d %s", what, a.status, a.raw, status, code)
		return
	}
	if ct := a.header.Get("Content-Type"); !strings.HasPrefix(ct, "application/problem+json") || a.at("success") != false || a.text("detail") == "" {
		s.t.Errorf("%s: %s %s is not a problem document", what, ct, a.raw)
	}
	if challenge := a.header.Get("WWW-Authenticate"); (status == http.StatusUnauthorized || code == "auth.scope_missing") != strings.HasPrefix(challenge, "Bearer") {
		s.t.Errorf("%s: WWW-Authenticate is %q", what, challenge)
	}
	if strings.Contains(a.raw, goodPassword) || strings.Contains(a.raw, "SQL") {
		s.t.Errorf("%s: the answer repeats a password or shows insides: %s", what, a.raw)
	}
}

// decodePart is the header (0) or the claims (1) of a token.
func decodePart(t *testing.T, tok string, i int) map[string]any {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(tok, ".")[i])
	must(t, err)
	var m map[string]any
	must(t, json.Unmarshal(data, &m))
	return m
}
