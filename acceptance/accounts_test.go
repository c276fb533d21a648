//go:build acceptance

package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// accounts: register, sign in by name and by e-mail in any case, read and change the profile.
func accounts(t *testing.T, w *world) {
	u := w.register(t)
	for _, identifier := range []string{u.name, strings.ToUpper(u.email)} {
		in := w.post(t, "", "/auth/login", map[string]any{"identifier": identifier, "password": u.password, "remember_me": true})
		in.want(t, map[string]any{"success": true, "data.token_type": "Bearer", "data.user.id": u.id})
		in.times(t, "timestamp", "data.user.last_login")
		if in.number(t, "data.expires_in") < 60 {
			t.Errorf("expires_in = %v", in.at(t, "data.expires_in"))
		}
	}
	u = w.login(t, u)
	profile := w.get(t, u.token, "/users/profile")
	profile.want(t, map[string]any{"data.user.id": u.id, "data.user.username": u.name, "data.user.email": u.email})
	profile.times(t, "data.user.created_at", "data.user.updated_at", "data.user.last_login")

	put := call{method: http.MethodPut, path: "/users/profile", token: u.token, body: map[string]any{"first_name": "  Maria ", "last_name": nil}}
	w.json(t, http.StatusOK, put).want(t, map[string]any{"data.user.full_name": "Maria Souza"})
	w.get(t, u.token, "/users/profile").want(t, map[string]any{"data.user.first_name": "Maria", "data.user.last_name": "Souza"})
	w.json(t, http.StatusOK, call{method: http.MethodGet, path: "/.well-known/jwks.json"}).list(t, "keys")
	w.json(t, http.StatusOK, call{method: http.MethodGet, path: "/.well-known/revoked-sessions.json"}).list(t, "sessions")
}

// sessions: validate, refresh with rotation, log out.
func sessions(t *testing.T, w *world) {
	u := w.signIn(t)
	valid := w.get(t, "", "/auth/validate?token="+url.QueryEscape(u.token))
	valid.want(t, map[string]any{"data.valid": true, "data.user_id": u.id, "data.token_type": "access"})

	next := w.post(t, "", "/auth/refresh", map[string]any{"refresh_token": u.refresh})
	renewed := next.text(t, "data.access_token")
	if next.text(t, "data.refresh_token") == u.refresh {
		t.Error("the refresh token was not rotated")
	}
	w.get(t, renewed, "/users/profile").want(t, map[string]any{"data.user.id": u.id})
	w.get(t, renewed, "/video-processing/jobs").want(t, map[string]any{"success": true})

	w.post(t, renewed, "/auth/logout", nil).want(t, map[string]any{"success": true})
	w.post(t, renewed, "/auth/logout", nil).want(t, map[string]any{"success": true}) // again changes nothing
	for _, path := range []string{"/users/profile", "/auth/validate"} {
		refused(t, w.do(t, call{method: http.MethodGet, path: path, token: renewed}), refusal{status: []int{http.StatusUnauthorized}})
	}
	w.revokedForJobs(t, renewed)
	refused(t, w.do(t, call{method: http.MethodPost, path: "/auth/refresh", body: map[string]any{"refresh_token": next.text(t, "data.refresh_token")}}),
		refusal{status: []int{http.StatusUnauthorized}})
}

// password: a change ends every session and the old password.
func password(t *testing.T, w *world) {
	u := w.signIn(t)
	change := func(current, next, again string) call {
		return call{method: http.MethodPost, path: "/users/change-password", token: u.token, body: map[string]any{
			"current_password": current, "new_password": next, "confirm_password": again,
		}}
	}
	fresh := "Nine purple lighthouses 7?"
	refused(t, w.do(t, change(u.password, fresh, "other")), refusal{status: []int{http.StatusBadRequest}})
	refused(t, w.do(t, change("not the password", fresh, fresh)), refusal{status: []int{http.StatusBadRequest}})
	refused(t, w.do(t, change(u.password, "short", "short")), refusal{status: []int{http.StatusBadRequest, http.StatusUnprocessableEntity}})
	w.json(t, http.StatusOK, change(u.password, fresh, fresh)).want(t, map[string]any{"data.password_changed": true})

	refused(t, w.do(t, call{method: http.MethodGet, path: "/users/profile", token: u.token}), refusal{status: []int{http.StatusUnauthorized}})
	w.revokedForJobs(t, u.token)
	refused(t, w.do(t, call{method: http.MethodPost, path: "/auth/login", body: map[string]any{"identifier": u.email, "password": u.password}}),
		refusal{status: []int{http.StatusUnauthorized}})
	u.password = fresh
	w.login(t, u)
}

// revokedForJobs asserts that the jobs, too, refuse a token that ended before its time: in another process, too, within the
// five seconds that docs/security.md promises.
func (w *world) revokedForJobs(t *testing.T, token string) {
	t.Helper()
	list := call{method: http.MethodGet, path: "/video-processing/jobs", token: token}
	eventually(t, 5*time.Second, func() bool { return w.do(t, list).status == http.StatusUnauthorized })
	refused(t, w.do(t, list), refusal{status: []int{http.StatusUnauthorized}})
}

// wrongAccounts are requests that must be refused with the field or the reason named.
func wrongAccounts(t *testing.T, w *world) {
	taken := w.register(t)
	good := map[string]any{"email": "x." + taken.email, "username": "x-" + taken.name, "password": taken.password, "first_name": "A", "last_name": "B"}
	unprocessable := []int{http.StatusUnprocessableEntity}
	for name, c := range map[string]struct {
		key   string
		value any
		want  refusal
	}{
		"no e-mail":         {"email", nil, refusal{status: unprocessable, field: "email"}},
		"e-mail is none":    {"email", "somebody", refusal{status: []int{400, 422}}},
		"e-mail taken":      {"email", taken.email, refusal{status: []int{http.StatusConflict}}},
		"username taken":    {"username", strings.ToUpper(taken.name), refusal{status: []int{http.StatusConflict}}},
		"username short":    {"username", "ab", refusal{status: unprocessable, field: "username"}},
		"username odd":      {"username", "a b/c", refusal{status: []int{400, 422}}},
		"password short":    {"password", "Aa1!", refusal{status: []int{400, 422}}},
		"password common":   {"password", "passwordpassword", refusal{status: []int{http.StatusBadRequest}}},
		"password a number": {"password", 123456789012, refusal{status: unprocessable, field: "password"}},
		"no name":           {"first_name", "", refusal{status: unprocessable, field: "first_name"}},
	} {
		t.Run(name, func(t *testing.T) {
			body := map[string]any{}
			for key, value := range good {
				body[key] = value
			}
			body[c.key] = c.value
			if c.value == nil {
				delete(body, c.key)
			}
			refused(t, w.do(t, call{method: http.MethodPost, path: "/auth/register", body: body}), c.want)
		})
	}
	malformed := call{method: http.MethodPost, path: "/auth/login", body: `{"identifier":`, contentType: "application/json"}
	refused(t, w.do(t, malformed), refusal{status: unprocessable})
	unknown := call{method: http.MethodPost, path: "/auth/login", body: map[string]any{"identifier": "nobody-" + taken.name, "password": "x"}}
	wrong := call{method: http.MethodPost, path: "/auth/login", body: map[string]any{"identifier": taken.email, "password": "x"}}
	a, b := refused(t, w.do(t, unknown), refusal{status: []int{401}}), refused(t, w.do(t, wrong), refusal{status: []int{401}})
	if a.text(t, "detail") != b.text(t, "detail") || a.text(t, "code") != b.text(t, "code") {
		t.Error("the answer tells whether the account exists")
	}
}

// tokens that must not open anything, on a route of each module and with a body that must not be read.
func tokens(t *testing.T, w *world) {
	u := w.signIn(t)
	parts := strings.Split(u.token, ".")
	for name, token := range map[string]string{
		"none": "", "text": "abc", "three parts": "a.b.c", "refresh token": u.refresh,
		"cut":      u.token[:len(u.token)-4],
		"unsigned": "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + parts[1] + ".",
		"swapped":  parts[0] + "." + strings.Repeat("A", len(parts[1])) + "." + parts[2],
	} {
		for _, q := range []call{
			{method: http.MethodGet, path: "/users/profile"},
			{method: http.MethodGet, path: "/video-processing/jobs"},
			{method: http.MethodPost, path: "/video-processing/submit", body: "not even a form", contentType: "text/plain"},
			{method: http.MethodDelete, path: job("00000000-0000-4000-8000-000000000000", "")},
		} {
			t.Run(name+" "+q.path, func(t *testing.T) {
				q.token = token
				refused(t, w.do(t, q), refusal{status: []int{http.StatusUnauthorized}})
			})
		}
	}
}
