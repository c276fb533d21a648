package httpserver_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
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
		header := do(s, r).Header()
		if got := header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s is allowed as %q", origin, got)
		}
		if header.Get("Access-Control-Allow-Credentials") != "" || !slices.Contains(header.Values("Vary"), "Origin") {
			t.Errorf("%s: %v; cookies must stay at home, and caches must tell origins apart", origin, header)
		}
	}
	if _, err := httpserver.New(httpserver.Config{Listen: "localhost:0", CORSOrigins: []string{"*"}}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("any origin is accepted")
	}
}

func TestEveryAnswerIsHardened(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{}, io.Discard)
	s.Root().GET("/page", func(c echo.Context) error {
		c.Response().Header().Set("Content-Security-Policy", "default-src 'self'")
		c.Response().Header().Set("Cache-Control", "max-age=60")
		return c.NoContent(http.StatusNoContent)
	})
	for path, want := range map[string]map[string]string{
		"/nowhere": {
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cross-Origin-Opener-Policy": "same-origin", "Access-Control-Allow-Origin": "", "Server": "",
		},
		"/page/": {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'self'", "Cache-Control": "max-age=60"},
	} {
		w := do(s, httptest.NewRequest(http.MethodGet, path, nil))
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", path, name, got, value)
			}
		}
	}
}

// Browsers ignore the header in the open, and must be told where they are not.
func TestHTTPSIsInsistedOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		peer, proto string
		tls         bool
		want        string
	}{
		"plain":                    {"192.0.2.1:1", "", false, ""},
		"TLS":                      {"192.0.2.1:1", "", true, "max-age=31536000"},
		"a proxy next door":        {"10.0.0.7:1", "https", false, "max-age=31536000"},
		"a proxy that is trusted":  {"198.51.100.7:1", "https", false, "max-age=31536000"},
		"plain at the proxy":       {"10.0.0.7:1", "http", false, ""},
		"a client that says so":    {"192.0.2.1:1", "https", false, ""},
		"a client, then the proxy": {"10.0.0.7:1", "https, http", false, ""},
	} {
		s := server(t, httpserver.Config{TrustedProxies: []string{"198.51.100.0/24"}}, io.Discard)
		r := httptest.NewRequest(http.MethodGet, "/nowhere", nil)
		r.RemoteAddr = c.peer
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		if got := do(s, r).Header().Get("Strict-Transport-Security"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// GHSA-246p-cpwv-v3jq: a client must not choose the address that its attempts are counted under.
func TestForwardedForIsHardToForge(t *testing.T) {
	t.Parallel()
	const peer, proxy, client = "192.0.2.1:1", "10.0.0.7:1", "203.0.113.9"
	for name, c := range map[string]struct {
		peer    string
		headers map[string][]string
		want    string
	}{
		"no proxy":                      {peer, map[string][]string{"X-Forwarded-For": {"1.1.1.1"}}, "192.0.2.1"},
		"real ip":                       {peer, map[string][]string{"X-Real-Ip": {"1.1.1.1"}}, "192.0.2.1"},
		"real ip through the proxy":     {proxy, map[string][]string{"X-Real-Ip": {"1.1.1.1"}, "X-Forwarded-For": {client}}, client},
		"through the proxy":             {proxy, map[string][]string{"X-Forwarded-For": {client}}, client},
		"forged, then the proxy's":      {proxy, map[string][]string{"X-Forwarded-For": {"1.1.1.1, " + client}}, client},
		"forged as another header line": {proxy, map[string][]string{"X-Forwarded-For": {"1.1.1.1", client}}, client},
		"forged as the proxy":           {proxy, map[string][]string{"X-Forwarded-For": {"1.1.1.1, 10.0.0.8, " + client}}, client},
		"two proxies":                   {proxy, map[string][]string{"X-Forwarded-For": {client + ", 10.0.0.8"}}, client},
		"garbage behind":                {proxy, map[string][]string{"X-Forwarded-For": {"1.1.1.1, garbage"}}, "10.0.0.7"},
		"Forwarded (RFC 7239)":          {peer, map[string][]string{"Forwarded": {"for=1.1.1.1"}}, "192.0.2.1"},
		"IPv6":                          {proxy, map[string][]string{"X-Forwarded-For": {"[2001:db8::1]"}}, "2001:db8::1"},
	} {
		s := server(t, httpserver.Config{TrustedProxies: []string{"10.0.0.0/8"}}, io.Discard)
		s.Root().GET("/ip", func(e echo.Context) error { return e.String(200, e.RealIP()) })
		r := httptest.NewRequest(http.MethodGet, "/ip", nil)
		r.RemoteAddr = c.peer
		maps.Copy(r.Header, c.headers)
		if got := do(s, r).Body.String(); got != c.want {
			t.Errorf("%s: client %s, want %s", name, got, c.want)
		}
	}
}

// A handler may fail after it has said what its answer would be.
func TestProblemsForgetTheAnswerThatFailed(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{}, io.Discard)
	promised := map[string]string{"Content-Length": "5000000", "Content-Disposition": "attachment", "ETag": `"x"`, "Content-Encoding": "gzip", "Content-Range": "bytes 0-1/2"}
	s.Root().GET("/file", func(c echo.Context) error {
		for name, value := range promised {
			c.Response().Header().Set(name, value)
		}
		c.Response().Header().Set("Cache-Control", "private, max-age=60")
		return fault.New(fault.Gone, "x.gone", "It is gone.")
	})
	w := do(s, httptest.NewRequest(http.MethodGet, "/file", nil))
	if p := problem(t, w); p.Code != "x.gone" || w.Code != http.StatusGone || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %+v %v", w.Code, p, w.Header())
	}
	for name := range promised {
		if got := w.Header().Get(name); got != "" {
			t.Errorf("%s is still %q", name, got)
		}
	}
}

func TestClientThatLeavesIsNoFailure(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := server(t, httpserver.Config{}, &log)
	s.Root().GET("/slow", func(c echo.Context) error {
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	do(s, httptest.NewRequestWithContext(ctx, http.MethodGet, "/slow", nil))
	if got := log.String(); !strings.Contains(got, `"status":499`) || strings.Contains(got, "ERROR") {
		t.Errorf("log: %s", got)
	}
}

func TestLimitBody(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{}, io.Discard)
	s.Root().POST("/a", func(c echo.Context) error {
		if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		return c.NoContent(http.StatusNoContent)
	}, httpserver.LimitBody(4))
	for body, want := range map[string]int{"": 204, "1234": 204, "12345": 413} {
		announced := httptest.NewRequest(http.MethodPost, "/a", strings.NewReader(body))
		chunked := httptest.NewRequest(http.MethodPost, "/a", io.MultiReader(strings.NewReader(body)))
		for _, r := range []*http.Request{announced, chunked} {
			if w := do(s, r); w.Code != want {
				t.Errorf("%d of %d bytes: %d", len(body), r.ContentLength, w.Code)
			}
		}
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	for variable, cfg := range map[string]httpserver.Config{
		"FIAPX_LISTEN":          {Listen: "8080"},
		"FIAPX_ADMIN_LISTEN":    {Listen: ":0", AdminListen: "8081"},
		"FIAPX_CORS_ORIGINS":    {Listen: ":0", CORSOrigins: []string{"app.example.org"}},
		"FIAPX_TRUSTED_PROXIES": {Listen: ":0", TrustedProxies: []string{"10.0.0.1"}},
	} {
		if _, err := httpserver.New(cfg, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%s: %v", variable, err)
		}
	}
}

func FuzzRequestID(f *testing.F) {
	for _, seed := range []string{"abcdefgh", "a-b_c-1234", "short", "new\nline-in-it", "héllo-wörld"} {
		f.Add(seed)
	}
	s, err := httpserver.New(httpserver.Config{Listen: ":0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	harmless := regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)
	f.Fuzz(func(t *testing.T, id string) {
		r := httptest.NewRequest(http.MethodGet, "/livez", nil)
		r.Header["X-Request-Id"] = []string{id}
		got := do(s, r).Header().Get("X-Request-ID")
		if !harmless.MatchString(got) || harmless.MatchString(id) != (got == id) {
			t.Errorf("%q became %q", id, got)
		}
	})
}
