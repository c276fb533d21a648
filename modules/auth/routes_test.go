package auth_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// keys lists the members of the object at a path.
func (a answer) keys(path string) string {
	m, _ := a.at(path).(map[string]any)
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}

func TestRegisterRoute(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.signUp()
	user, _ := a.at("data.user").(map[string]any)
	id, _ := user["id"].(string)
	want := map[string]any{
		"success": true, "message": "User registered successfully", "timestamp": "2026-01-02T03:04:05.678901Z",
		"data": map[string]any{"user": map[string]any{
			"id": id, "email": "ana.souza@example.com", "username": "AnaS", "first_name": "Ana", "last_name": "Souza <3",
			"full_name": "Ana Souza <3", "status": "active", "created_at": "2026-01-02T03:04:05.678901Z",
		}},
	}
	if diff := cmp.Diff(want, a.body); diff != "" || uuid.Validate(id) != nil {
		t.Errorf("register: %s", diff)
	}
	if !strings.Contains(a.raw, "Souza <3") {
		t.Errorf("HTML is escaped: %s", a.raw)
	}
	s.problem("again", s.call("POST", "/auth/register", "", anaBody), http.StatusConflict, "auth.user_exists")
	weak := strings.Replace(anaBody, goodPassword, "password1234", 1)
	s.problem("weak", s.call("POST", "/auth/register", "", weak), http.StatusBadRequest, "auth.password_weak")
}

func TestRegisterFieldErrors(t *testing.T) {
	t.Parallel()
	s := start(t)
	field := func(name, value string) string {
		var m map[string]any
		if err := json.Unmarshal([]byte(anaBody), &m); err != nil {
			t.Fatal(err)
		}
		m[name] = json.RawMessage(value)
		if value == "" {
			delete(m, name)
		}
		data, _ := json.Marshal(m)
		return string(data)
	}
	for name, body := range map[string]string{
		"email missing": field("email", ""), "email number": field("email", "7"), "email special": field("email", `"ana@example.test"`),
		"username short": field("username", `"ab"`), "username odd": field("username", `"a b c"`), "username null": field("username", "null"),
		"password short": field("password", `"elevenchars"`), "password long": field("password", `"`+strings.Repeat("ab ", 43)+`"`),
		"first_name blank": field("first_name", `"  "`), "last_name long": field("last_name", `"`+strings.Repeat("x", 101)+`"`),
	} {
		a := s.call("POST", "/auth/register", "", body)
		errs, _ := a.at("errors").([]any)
		if a.status != http.StatusUnprocessableEntity || len(errs) != 1 {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
			continue
		}
		first, _ := errs[0].(map[string]any)
		if want, _, _ := strings.Cut(name, " "); first["field"] != want || first["message"] == "" {
			t.Errorf("%s: the error is on %v: %s", name, first["field"], a.raw)
		}
	}
	for name, body := range map[string]string{"broken": `{"email":`, "array": `[]`, "text": `"x"`} {
		if a := s.call("POST", "/auth/register", "", body); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s JSON: %d %s", name, a.status, a.raw)
		}
	}
	if a := s.call("POST", "/auth/register", "", ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no body: %d %s", a.status, a.raw)
	}
}

func TestLoginRoute(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	a := s.call("POST", "/auth/login", "", `{"identifier":"ANA.SOUZA@example.com","password":"`+goodPassword+`","remember_me":true,"unknown":1}`)
	if a.status != http.StatusOK || a.text("message") != "Login successful" || a.at("data.expires_in") != 1800.0 || a.text("data.token_type") != "Bearer" {
		t.Errorf("login: %d %s", a.status, a.raw)
	}
	if got := a.keys("data"); got != "access_token expires_in refresh_token token_type user" {
		t.Errorf("data has %s", got)
	}
	if got := a.keys("data.user"); got != "email first_name full_name id last_login last_name status username" {
		t.Errorf("user has %s", got)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.text("data.user.last_login") != "2026-01-02T03:04:05.678901Z" {
		t.Errorf("login: %v %s", a.header, a.raw)
	}
	wrong := s.call("POST", "/auth/login", "", `{"identifier":"anas","password":"wrong"}`)
	s.problem("wrong password", wrong, http.StatusUnauthorized, "auth.invalid_credentials")
	unknown := s.call("POST", "/auth/login", "", `{"identifier":"nobody","password":"wrong"}`)
	for _, a := range []answer{wrong, unknown} {
		delete(a.body, "request_id")
	}
	if diff := cmp.Diff(wrong.body, unknown.body); diff != "" {
		t.Errorf("unknown user and wrong password can be told apart: %s", diff)
	}
	for name, body := range map[string]string{
		"no password": `{"identifier":"x"}`, "identifier too long": `{"identifier":"` + strings.Repeat("x", 321) + `","password":"x"}`,
		"password too long": `{"identifier":"x","password":"` + strings.Repeat("x", 1025) + `"}`, "remember_me text": `{"identifier":"x","password":"y","remember_me":"maybe"}`,
	} {
		if a := s.call("POST", "/auth/login", "", body); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestLoginRouteThrottles(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	var a answer
	for range 6 {
		a = s.call("POST", "/auth/login", "", `{"identifier":"anas","password":"wrong"}`)
	}
	s.problem("sixth guess", a, http.StatusTooManyRequests, "auth.too_many_attempts")
	if got := a.header.Get("Retry-After"); got != "300" {
		t.Errorf("Retry-After is %q", got)
	}
}

func TestRefreshRoute(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, refresh := s.signIn()
	refreshed := s.call("POST", "/auth/refresh", "", `{"refresh_token":"`+refresh+`"}`)
	if got := refreshed.keys("data"); refreshed.status != http.StatusOK || got != "access_token expires_in refresh_token token_type" || refreshed.at("data.expires_in") != 900.0 {
		t.Fatalf("refresh: %d %s", refreshed.status, refreshed.raw)
	}
	if refreshed.text("message") != "Token refreshed successfully" || refreshed.header.Get("Cache-Control") != "no-store" {
		t.Errorf("refresh: %v %s", refreshed.header, refreshed.raw)
	}
	s.Advance(time.Minute)
	s.problem("access token", s.call("POST", "/auth/refresh", "", `{"refresh_token":"`+access+`"}`), http.StatusUnauthorized, "auth.refresh_invalid")
	s.problem("replay", s.call("POST", "/auth/refresh", "", `{"refresh_token":"`+refresh+`"}`), http.StatusUnauthorized, "auth.refresh_reused")
	// The API's verifier learns of it at once, also for the access token of the refresh.
	if a := s.call("GET", "/users/profile", refreshed.text("data.access_token"), ""); a.status != http.StatusUnauthorized {
		t.Errorf("profile after a replay: %d %s", a.status, a.raw)
	}
	if a := s.call("POST", "/auth/refresh", "", `{}`); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no token: %d %s", a.status, a.raw)
	}
}

func TestLogoutRoute(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, _ := s.signIn()
	other, _ := s.signIn()
	a := s.call("POST", "/auth/logout", access, "")
	want := map[string]any{"success": true, "message": "Logout successful", "data": nil, "timestamp": "2026-01-02T03:04:05.678901Z"}
	if diff := cmp.Diff(want, a.body); a.status != http.StatusOK || diff != "" {
		t.Errorf("logout: %d %s", a.status, diff)
	}
	for name, token := range map[string]string{"again": access, "none": "", "garbage": "abc"} {
		if again := s.call("POST", "/auth/logout", token, `{"revoke_all":true}`); again.status != http.StatusOK || again.raw != a.raw {
			t.Errorf("logout %s: %d %s", name, again.status, again.raw)
		}
	}
	if _, err := s.verifier.Verify(t.Context(), access); err == nil {
		t.Error("the API still accepts the token")
	}
	if _, err := s.verifier.Verify(t.Context(), other); err != nil {
		t.Errorf("the other session: %v", err)
	}
	s.call("POST", "/auth/logout", other, `{"revoke_all":true}`)
	if _, err := s.verifier.Verify(t.Context(), other); err == nil {
		t.Error("revoke_all did nothing")
	}
	if a := s.call("POST", "/auth/logout", "", `{"revoke_all":"yes"}`); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a body that cannot be understood must not look obeyed: %d %s", a.status, a.raw)
	}
}

func TestValidateRoute(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.signUp().text("data.user.id")
	access, refresh := s.signIn()
	issued := float64(s.Now().Unix())
	for name, c := range map[string]struct {
		a    answer
		want map[string]any
	}{
		"header":  {s.call("GET", "/auth/validate", access, ""), map[string]any{"token_type": "access", "expires_at": issued + 900}},
		"query":   {s.call("GET", "/auth/validate?token="+access, "", ""), map[string]any{"token_type": "access", "expires_at": issued + 900}},
		"both":    {s.call("GET", "/auth/validate?token="+access, "garbage", ""), map[string]any{"token_type": "access", "expires_at": issued + 900}},
		"refresh": {s.call("GET", "/auth/validate", refresh, ""), map[string]any{"token_type": "refresh", "expires_at": issued + 30*24*3600}},
	} {
		maps.Copy(c.want, map[string]any{"valid": true, "user_id": id, "issued_at": issued})
		want := map[string]any{"success": true, "message": "Token is valid", "timestamp": "2026-01-02T03:04:05.678901Z", "data": c.want}
		if diff := cmp.Diff(want, c.a.body); c.a.status != http.StatusOK || diff != "" {
			t.Errorf("%s: %d %s", name, c.a.status, diff)
		}
	}
	s.problem("none", s.call("GET", "/auth/validate", "", ""), http.StatusUnauthorized, "auth.token_missing")
	s.problem("empty", s.call("GET", "/auth/validate?token=", "", ""), http.StatusUnauthorized, "auth.token_missing")
	s.problem("garbage", s.call("GET", "/auth/validate?token=abc", "", ""), http.StatusUnauthorized, "auth.token_invalid")
	s.problem("tampered", s.call("GET", "/auth/validate", access[:len(access)-6]+"AAAAAA", ""), http.StatusUnauthorized, "auth.token_invalid")
	if strings.Contains(s.logged.String(), access) || strings.Contains(s.logged.String(), refresh) {
		t.Error("a token is in the log")
	}
	s.Advance(15 * time.Minute)
	s.problem("expired", s.call("GET", "/auth/validate", access, ""), http.StatusUnauthorized, "auth.token_expired")
}
