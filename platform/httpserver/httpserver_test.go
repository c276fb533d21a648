package httpserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/httpserver"
)

func server(t *testing.T, cfg httpserver.Config, log io.Writer) *httpserver.Server {
	t.Helper()
	cfg.Listen = "localhost:0"
	s, err := httpserver.New(cfg, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func do(s *httpserver.Server, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func problem(t *testing.T, w *httptest.ResponseRecorder) httpserver.Problem {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	var p httpserver.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v in %q", err, w.Body.String())
	}
	if p.Success || p.Status != w.Code || p.RequestID == "" || p.RequestID != w.Header().Get("X-Request-ID") || p.Errors == nil {
		t.Errorf("incomplete problem: %+v", p)
	}
	return p
}

func TestFaultsBecomeProblems(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := server(t, httpserver.Config{}, &log)
	failures := map[string]error{
		"/missing": fault.New(fault.NotFound, "x.missing", "It is not here; look elsewhere."),
		"/slow":    fault.New(fault.RateLimited, "x.slow", "Too often; wait.").After(1500 * time.Millisecond),
		"/who":     fault.New(fault.Unauthenticated, "x.who", "Log in first."),
		"/broken":  errors.New("password=hunter2 at db:5432"),
		"/big":     &http.MaxBytesError{Limit: 1},
	}
	for path, err := range failures {
		s.Root().GET(path, func(echo.Context) error { return err })
	}
	s.Root().GET("/panic", func(echo.Context) error { panic("at the disco") })
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		"/missing": {404, "x.missing"}, "/slow": {429, "x.slow"}, "/who": {401, "x.who"}, "/broken": {500, "internal"},
		"/big": {413, "request.too_large"}, "/panic": {500, "internal"}, "/nowhere": {404, "request.no_such_address"},
	} {
		w := do(s, httptest.NewRequest(http.MethodGet, path, nil))
		p := problem(t, w)
		if w.Code != want.status || p.Code != want.code || p.Instance != path || p.Type != "/problems/"+want.code {
			t.Errorf("%s: %d %+v", path, w.Code, p)
		}
		if strings.Contains(w.Body.String(), "hunter2") || strings.Contains(w.Body.String(), "disco") {
			t.Errorf("%s shows inside text: %s", path, w.Body.String())
		}
	}
	if w := do(s, httptest.NewRequest(http.MethodGet, "/slow", nil)); w.Header().Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	if w := do(s, httptest.NewRequest(http.MethodGet, "/who", nil)); w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Error("401 without WWW-Authenticate")
	}
	if w := do(s, httptest.NewRequest(http.MethodPost, "/missing", nil)); w.Code != 405 || problem(t, w).Code != "request.method" {
		t.Errorf("wrong method: %d", w.Code)
	}
	if !strings.Contains(log.String(), "hunter2") {
		t.Error("the log lacks the cause")
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{}, io.Discard)
	s.Root().GET("/id", func(c echo.Context) error {
		return c.String(200, httpserver.RequestID(c.Request().Context()))
	})
	for sent, kept := range map[string]bool{"abcdefgh": true, "a-b_c-1234": true, "short": false, "has space in it": false, "line\nbreak12345": false, strings.Repeat("a", 65): false} {
		r := httptest.NewRequest(http.MethodGet, "/id", nil)
		r.Header["X-Request-Id"] = []string{sent}
		if got := do(s, r).Body.String(); (got == sent) != kept || got == "" {
			t.Errorf("%q became %q", sent, got)
		}
	}
}

func TestAccessLogHidesTheQuery(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := server(t, httpserver.Config{}, &log)
	s.Root().GET("/a", func(c echo.Context) error { return c.NoContent(204) })
	do(s, httptest.NewRequest(http.MethodGet, "/a?token=secret", nil))
	do(s, httptest.NewRequest(http.MethodGet, "/livez", nil))
	if got := log.String(); !strings.Contains(got, `"status":204`) || strings.Contains(got, "secret") || strings.Contains(got, "livez") {
		t.Errorf("log: %s", got)
	}
}

func TestForwardedForIsBelievedOnlyFromAProxy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		proxies []string
		want    string
	}{{nil, "192.0.2.1"}, {[]string{"192.0.2.0/24"}, "203.0.113.9"}, {[]string{"198.51.100.0/24"}, "192.0.2.1"}} {
		s := server(t, httpserver.Config{TrustedProxies: c.proxies}, io.Discard)
		s.Root().GET("/ip", func(e echo.Context) error { return e.String(200, e.RealIP()) })
		r := httptest.NewRequest(http.MethodGet, "/ip", nil) // from 192.0.2.1
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		if got := do(s, r).Body.String(); got != c.want {
			t.Errorf("proxies %v: client %s, want %s", c.proxies, got, c.want)
		}
	}
}

func TestCORSIsAnExactList(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{CORSOrigins: []string{"https://app.example.org"}}, io.Discard)
	s.Root().GET("/a", func(c echo.Context) error { return c.NoContent(204) })
	for origin, want := range map[string]string{"https://app.example.org": "https://app.example.org", "https://evil.example": ""} {
		r := httptest.NewRequest(http.MethodGet, "/a", nil)
		r.Header.Set("Origin", origin)
		if got := do(s, r).Header().Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s is allowed as %q", origin, got)
		}
	}
	if _, err := httpserver.New(httpserver.Config{Listen: "localhost:0", CORSOrigins: []string{"*"}}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("any origin is accepted")
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{}, io.Discard)
	failing := true
	s.Ready("database", func(context.Context) error {
		if failing {
			return errors.New("connection to 10.0.0.5 refused")
		}
		return nil
	})
	w := do(s, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != 503 || !strings.Contains(w.Body.String(), `"database":"failing"`) || strings.Contains(w.Body.String(), "10.0.0.5") {
		t.Errorf("failing: %d %s", w.Code, w.Body.String())
	}
	failing = false
	if w := do(s, httptest.NewRequest(http.MethodGet, "/readyz", nil)); w.Code != 200 {
		t.Errorf("ready: %d %s", w.Code, w.Body.String())
	}
	if w := do(s, httptest.NewRequest(http.MethodGet, "/livez", nil)); w.Code != 200 {
		t.Errorf("live: %d", w.Code)
	}
}
