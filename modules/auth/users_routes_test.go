package auth_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

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
	if a.status != http.StatusOK || len(list) != 2 || a.header.Get("Cache-Control") != "public, max-age=300" {
		t.Fatalf("keys: %d %v %s", a.status, a.header, a.raw)
	}
	for _, each := range list { // the one that signs and the next one
		key, _ := each.(map[string]any)
		if got := strings.Join(slices.Sorted(maps.Keys(key)), " "); got != "alg crv kid kty use x" || key["alg"] != "EdDSA" {
			t.Errorf("key: %s", a.raw)
		}
	}
}
