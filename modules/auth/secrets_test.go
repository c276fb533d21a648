package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What people do, right and wrong, leaves neither their names nor their secrets in the log.
func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	s.call("POST", "/auth/register", "", anaBody)
	access, refresh := s.signIn()
	const wrong = "wrong horse battery"
	s.call("POST", "/auth/login", "", `{"identifier":"ana.souza@example.com","password":"`+wrong+`"}`)
	s.call("POST", "/auth/login", "", `{"identifier":"nobody@example.com","password":"`+wrong+`"}`)
	s.call("POST", "/auth/login", "", `{"identifier":`)
	s.call("GET", "/auth/validate?token="+url.QueryEscape(access), "", "")
	s.call("GET", "/users/profile", access+"x", "")
	rotated := s.call("POST", "/auth/refresh", "", `{"refresh_token":"`+refresh+`"}`)
	if rotated.status != http.StatusOK {
		t.Fatal(rotated.raw)
	}
	changed := s.call("POST", "/users/change-password", access,
		`{"current_password":"`+goodPassword+`","new_password":"`+nextPassword+`","confirm_password":"`+nextPassword+`"}`)
	s.call("POST", "/auth/refresh", "", `{"refresh_token":"`+refresh+`"}`)
	s.call("POST", "/auth/logout", access, "")
	log := s.logged.String()
	if !strings.Contains(log, "user registered") || changed.status != http.StatusOK {
		t.Fatalf("the flows did not run: %s\n%s", changed.raw, log)
	}
	for what, secret := range map[string]string{
		"password": goodPassword, "new password": nextPassword, "wrong password": wrong, "access token": access, "its signature": access[strings.LastIndex(access, ".")+1:],
		"refresh token": refresh, "its successor": rotated.text("data.refresh_token"), "e-mail address": "@example.com", "escaped address": "%40example",
		"hash": "$argon2id$",
	} {
		if secret == "" || strings.Contains(strings.ToLower(log), strings.ToLower(secret)) {
			t.Errorf("the %s (%q) is in the log:\n%s", what, secret, log)
		}
	}
}
