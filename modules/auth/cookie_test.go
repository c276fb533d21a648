package auth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// browser keeps cookies as one does: by name, and with the flags it was given.
type browser struct {
	*service
	origin  string // of the service as the browser sees it
	headers map[string]string
	jar     map[string]*http.Cookie
}

func (s *service) browser(origin string) *browser {
	return &browser{service: s, origin: origin, headers: map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": origin}, jar: map[string]*http.Cookie{}}
}

func (b *browser) send(method, path, body string) answer {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, b.origin+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.RemoteAddr = "10.0.0.1:40000" // a proxy next door, which may say that its client came by https
	for name, value := range b.headers {
		r.Header.Set(name, value)
	}
	for _, c := range b.jar {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	w := httptest.NewRecorder()
	b.server.Handler().ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.jar[c.Name] = c; c.MaxAge < 0 {
			delete(b.jar, c.Name)
		}
	}
	return decodeAnswer(b.t, w)
}

const cookieLogin = `{"identifier":"anas","password":"` + goodPassword + `","cookie":true}`

func TestBrowserSession(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]*http.Cookie{
		"https://frames.example.org": {Name: "__Host-fiapx-refresh", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode},
		"http://localhost:8080":      {Name: "fiapx-refresh", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode},
		"http://127.0.0.1:8080":      {Name: "fiapx-refresh", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode},
		"http://[::1]:8080":          {Name: "fiapx-refresh", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode},
	} {
		s := start(t)
		s.signUp()
		b := s.browser(origin)
		in := b.send("POST", "/auth/login", cookieLogin)
		if in.status != http.StatusOK || in.at("data.refresh_token") != nil || strings.Contains(in.raw, "fxr_") {
			t.Fatalf("%s: login: %d %s", origin, in.status, in.raw)
		}
		got := b.jar[want.Name]
		if got == nil || got.Path != want.Path || got.Secure != want.Secure || got.HttpOnly != want.HttpOnly || got.SameSite != want.SameSite || got.Domain != "" || got.MaxAge != 0 {
			t.Fatalf("%s: cookie %+v; want %+v", origin, got, want)
		}
		device := b.jar[strings.Replace(want.Name, "refresh", "device", 1)]
		if device == nil || !device.HttpOnly || device.Secure != want.Secure || device.MaxAge <= 0 {
			t.Errorf("%s: cookie that recognises the browser: %+v", origin, device)
		}
		first := got.Value
		out := b.send("POST", "/auth/refresh", "")
		if out.status != http.StatusOK || out.text("data.access_token") == "" || strings.Contains(out.raw, "fxr_") || b.jar[want.Name].Value == first {
			t.Errorf("%s: refresh: %d %s", origin, out.status, out.raw)
		}
		if a := s.call("GET", "/users/profile", out.text("data.access_token"), ""); a.status != http.StatusOK {
			t.Errorf("%s: the new access token: %s", origin, a.raw)
		}
		if a := b.send("POST", "/auth/logout", ""); a.status != http.StatusOK || b.jar[want.Name] != nil {
			t.Errorf("%s: logout: %d, cookies %v", origin, a.status, b.jar)
		}
		if a := s.call("GET", "/users/profile", out.text("data.access_token"), ""); a.status != http.StatusUnauthorized {
			t.Errorf("%s: after logout: %d", origin, a.status)
		}
	}
}

func TestCookieEndsWithTheSession(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	b := s.browser("https://frames.example.org")
	b.send("POST", "/auth/login", strings.Replace(cookieLogin, `"cookie"`, `"remember_me":true,"cookie"`, 1))
	cookie := b.jar["__Host-fiapx-refresh"]
	if days := 24 * 60 * 60; cookie == nil || cookie.MaxAge != 90*days {
		t.Fatalf("remembered: %+v", cookie)
	}
	s.Advance(10 * 24 * time.Hour)
	b.send("POST", "/auth/refresh", "")
	if cookie = b.jar["__Host-fiapx-refresh"]; cookie.MaxAge != 80*24*60*60 {
		t.Errorf("ten days later: %+v", cookie)
	}
	stolen := cookie.Value
	b.send("POST", "/auth/refresh", "")
	s.Advance(time.Minute)
	s.problem("replay", s.call("POST", "/auth/refresh", "", `{"refresh_token":"`+stolen+`"}`), http.StatusUnauthorized, "auth.refresh_reused")
	s.problem("after a replay", b.send("POST", "/auth/refresh", ""), http.StatusUnauthorized, "auth.token_revoked")
	if b.jar["__Host-fiapx-refresh"] != nil {
		t.Errorf("a worthless cookie is kept: %v", b.jar)
	}
}

// In the open a cookie would be anybody's to read, so the token stays in the answer, as for programs.
func TestNoCookieInTheOpen(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	b := s.browser("http://frames.example.org")
	in := b.send("POST", "/auth/login", cookieLogin)
	if in.text("data.refresh_token") == "" || len(b.jar) != 0 {
		t.Errorf("plain http: %s, cookies %v", in.raw, b.jar)
	}
	b.headers["X-Forwarded-Proto"] = "https" // a proxy in front speaks https
	if in := b.send("POST", "/auth/login", cookieLogin); in.at("data.refresh_token") != nil || b.jar["__Host-fiapx-refresh"] == nil {
		t.Errorf("https at a proxy: %s, cookies %v", in.raw, b.jar)
	}
	b.headers["X-Forwarded-Proto"] = "http"
	s.problem("the cookie in the open", b.send("POST", "/auth/refresh", ""), http.StatusUnprocessableEntity, "request.invalid_field")
}

// What a cookie authorises needs a page of ours: the attacks of OWASP's cheat sheet on cross-site request forgery.
func TestForeignPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	b := s.browser("https://frames.example.org")
	access := b.send("POST", "/auth/login", cookieLogin).text("data.access_token")
	for name, headers := range map[string]map[string]string{
		"another site":          {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		"a neighbour":           {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.org"},
		"an old browser":        {"Origin": "https://evil.example"},
		"another port":          {"Origin": "https://frames.example.org:8443"},
		"a sandboxed frame":     {"Origin": "null"},
		"same name, more of it": {"Origin": "https://frames.example.org.evil.example"},
	} {
		b.headers = headers
		for _, path := range []string{"/auth/refresh", "/auth/logout"} {
			s.problem(name+path, b.send("POST", path, ""), http.StatusForbidden, "auth.foreign_page")
		}
		s.problem(name+" signs in", b.send("POST", "/auth/login", cookieLogin), http.StatusForbidden, "auth.foreign_page")
	}
	if a := s.call("GET", "/users/profile", access, ""); a.status != http.StatusOK {
		t.Errorf("the session did not survive: %s", a.raw)
	}
	for name, headers := range map[string]map[string]string{
		"the page": {"Sec-Fetch-Site": "same-origin"}, "the page in an old browser": {"Origin": "https://frames.example.org"}, "a program": {},
	} {
		b.headers = headers
		if a := b.send("POST", "/auth/refresh", ""); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	// A cookie is no credential for anything else, and two of one name are none at all.
	b.headers = map[string]string{"Sec-Fetch-Site": "same-origin"}
	s.problem("cookie for the profile", b.send("GET", "/users/profile", ""), http.StatusUnauthorized, "auth.token_missing")
	r := httptest.NewRequestWithContext(t.Context(), "POST", "https://frames.example.org/auth/refresh", nil)
	for _, value := range []string{"planted", b.jar["__Host-fiapx-refresh"].Value} {
		r.AddCookie(&http.Cookie{Name: "__Host-fiapx-refresh", Value: value})
	}
	w := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(w, r)
	s.problem("two cookies", decodeAnswer(t, w), http.StatusUnprocessableEntity, "request.invalid_field")
}
