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

func TestProfileRoutes(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.signUp().text("data.user.id")
	access, refresh := s.signIn()
	a := s.call("GET", "/users/profile", access, "")
	if got := a.keys("data.user"); a.status != http.StatusOK || got != "created_at email first_name full_name id last_login last_name status updated_at username" {
		t.Errorf("profile: %d %s", a.status, a.raw)
	}
	if a.text("message") != "User profile retrieved successfully" || a.text("data.user.id") != id || a.text("data.user.last_login") == "" {
		t.Errorf("profile: %s", a.raw)
	}
	if own := s.call("GET", "/users/profile?user_id="+id, access, ""); own.status != http.StatusOK {
		t.Errorf("own user_id: %d %s", own.status, own.raw)
	}
	s.problem("foreign user_id", s.call("GET", "/users/profile?user_id="+uuid.NewString(), access, ""), http.StatusForbidden, "auth.not_yours")
	s.problem("foreign user_id on PUT", s.call("PUT", "/users/profile?user_id=x", access, `{}`), http.StatusForbidden, "auth.not_yours")

	up := s.call("PUT", "/users/profile", access, `{"first_name":"Bia","last_name":null,"username":"anas","email":"evil@example.com","id":"x"}`)
	if got := up.keys("data.user"); up.status != http.StatusOK || got != "email first_name full_name id last_name status updated_at username" {
		t.Errorf("update: %d %s", up.status, up.raw)
	}
	if up.text("message") != "Profile updated successfully" || up.text("data.user.full_name") != "Bia Souza <3" || up.text("data.user.email") != "ana.souza@example.com" || up.text("data.user.username") != "anas" {
		t.Errorf("update: %s", up.raw)
	}
	if bad := s.call("PUT", "/users/profile", access, `{"username":"a b"}`); bad.status != http.StatusUnprocessableEntity {
		t.Errorf("bad username: %d %s", bad.status, bad.raw)
	}
	other := strings.NewReplacer("Ana.Souza@", "bia@", "AnaS", "BiaL").Replace(anaBody)
	if a := s.call("POST", "/auth/register", "", other); a.status != http.StatusCreated {
		t.Fatalf("register: %s", a.raw)
	}
	s.problem("taken username", s.call("PUT", "/users/profile", access, `{"username":"bial"}`), http.StatusConflict, "auth.username_taken")
	for _, token := range []string{"", "garbage", refresh} {
		for method, target := range map[string]string{"GET": "/users/profile", "PUT": "/users/profile", "POST": "/users/change-password"} {
			if a := s.call(method, target, token, ""); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with token %.8q: %d %s", method, target, token, a.status, a.raw)
			}
		}
	}
}

func TestChangePasswordRoute(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, refresh := s.signIn()
	body := func(current, next, confirm string) string {
		return `{"current_password":"` + current + `","new_password":"` + next + `","confirm_password":"` + confirm + `"}`
	}
	change := func(b string) answer { return s.call("POST", "/users/change-password", access, b) }
	s.problem("mismatch", change(body("x", nextPassword, "other")), http.StatusBadRequest, "auth.password_mismatch")
	s.problem("wrong current", change(body("x", nextPassword, nextPassword)), http.StatusBadRequest, "auth.current_password")
	s.problem("weak", change(body(goodPassword, "password1234", "password1234")), http.StatusBadRequest, "auth.password_weak")
	if a := change(body(goodPassword, "short", "short")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("short: %d %s", a.status, a.raw)
	}
	a := change(body(goodPassword, nextPassword, nextPassword))
	want := map[string]any{
		"success": true, "message": "Password changed successfully", "timestamp": "2026-01-02T03:04:05.678901Z",
		"data": map[string]any{"password_changed": true, "security_notice": "All active sessions have been terminated for security"},
	}
	if diff := cmp.Diff(want, a.body); a.status != http.StatusOK || diff != "" {
		t.Errorf("change: %d %s", a.status, diff)
	}
	if a := s.call("GET", "/users/profile", access, ""); a.status != http.StatusUnauthorized {
		t.Errorf("the access token afterwards: %d %s", a.status, a.raw)
	}
	s.problem("refresh", s.call("POST", "/auth/refresh", "", `{"refresh_token":"`+refresh+`"}`), http.StatusUnauthorized, "auth.token_revoked")
	// A token of the same second as the change, but issued after it, is good.
	again := s.call("POST", "/auth/login", "", `{"identifier":"anas","password":"`+nextPassword+`"}`)
	if a := s.call("GET", "/users/profile", again.text("data.access_token"), ""); a.status != http.StatusOK {
		t.Errorf("signing in again at once: %d %s", a.status, a.raw)
	}
}

func TestKeysRoute(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.call("GET", "/.well-known/jwks.json", "", "")
	list, _ := a.at("keys").([]any)
	if a.status != http.StatusOK || len(list) != 1 || a.header.Get("Cache-Control") != "public, max-age=300" {
		t.Fatalf("keys: %d %v %s", a.status, a.header, a.raw)
	}
	key, _ := list[0].(map[string]any)
	if got := strings.Join(slices.Sorted(maps.Keys(key)), " "); got != "alg crv kid kty use x" || key["alg"] != "EdDSA" {
		t.Errorf("key: %s", a.raw)
	}
}
