package auth_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

func TestSessionsAreListedWithTheirOrigin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, first := w.signIn(t)
		w.Advance(time.Minute)
		_, second := w.signIn(t)
		w.Advance(time.Minute)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, domain.Origin{Address: "203.0.113.5", Agent: "phone"}); err != nil {
			t.Fatal(err)
		}
		list, err := w.sessions.List(t.Context(), second)
		if err != nil || len(list) != 2 {
			t.Fatalf("%d sessions, %v", len(list), err)
		}
		if list[0].ID != first.SessionID || list[0].From.Address != "203.0.113.5" || list[0].From.Agent != "phone" || !list[0].LastUsedAt.Equal(w.Now()) {
			t.Errorf("used last: %+v", list[0])
		}
		if list[1].ID != second.SessionID || list[1].From != from(home) {
			t.Errorf("the other: %+v", list[1])
		}
		w.Advance(lifetimes.Refresh - time.Minute)
		_, third := w.signIn(t)
		if list, err = w.sessions.List(t.Context(), third); err != nil || len(list) != 1 {
			t.Errorf("expired ones are still listed: %d, %v", len(list), err)
		}
	})
}

func TestSessionsAreRevokedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, first := w.signIn(t)
		_, second := w.signIn(t)
		other := ana()
		other.Email, other.Username, other.From = "bia@example.com", "Bia", from("b")
		if _, err := w.register.Register(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		in, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "bia", Password: goodPassword, From: from("b")})
		if err != nil {
			t.Fatal(err)
		}
		bia, err := w.tokens.Read(t.Context(), in.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		for name, id := range map[string]string{"somebody else's": bia.SessionID, "unknown": uuid.NewString(), "no id": "x"} {
			if err := w.sessions.Revoke(t.Context(), second, id); !errors.Is(err, domain.ErrNoSuchSession) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := w.sessions.Revoke(t.Context(), second, first.SessionID); err != nil {
			t.Fatal(err)
		}
		if err := w.sessions.Revoke(t.Context(), second, first.SessionID); !errors.Is(err, domain.ErrNoSuchSession) {
			t.Errorf("again: %v", err)
		}
		if !w.announced.has(first.SessionID) || w.announced.has(bia.SessionID) {
			t.Errorf("announced %v", w.announced.ids)
		}
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home)); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("refresh of a revoked session: %v", err)
		}
		if _, err := w.sessions.List(t.Context(), first); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("list with a revoked session: %v", err)
		}
	})
}

func TestOtherSessionsAreRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		_, first := w.signIn(t)
		_, second := w.signIn(t)
		grant, current := w.signIn(t)
		for _, want := range []int{2, 0} {
			if n, err := w.sessions.RevokeOthers(t.Context(), current); err != nil || n != want {
				t.Errorf("revoked %d, %v; want %d", n, err, want)
			}
		}
		if err := w.valid(t, grant.AccessToken); err != nil {
			t.Errorf("the caller's own: %v", err)
		}
		if !w.announced.has(first.SessionID) || !w.announced.has(second.SessionID) || w.announced.has(current.SessionID) {
			t.Errorf("announced %v", w.announced.ids)
		}
		if lines := w.trail(t); lines[len(lines)-1] != "session.revoke done others" || len(lines) != 5 {
			t.Errorf("audit log: %v", lines)
		}
	})
}

func TestSessionRoutes(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, _ := s.signIn()
	lost, _ := s.signIn()
	third, _ := s.signIn()
	a := s.call("GET", "/auth/sessions", access, "")
	list, _ := a.at("data.sessions").([]any)
	if a.status != http.StatusOK || len(list) != 3 || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("sessions: %d %s", a.status, a.raw)
	}
	current := 0
	for _, each := range list {
		one, _ := each.(map[string]any)
		if one["current"] == true {
			current++
		}
		if one["address"] != "192.0.2.1" || one["created_at"] != "2026-01-02T03:04:05.678901Z" || one["remember_me"] != false {
			t.Errorf("session: %v", one)
		}
	}
	r, err := s.verifier.Read(t.Context(), lost)
	if err != nil || current != 1 {
		t.Fatal(err, current)
	}
	gone := s.call("DELETE", "/auth/sessions/"+r.SessionID, access, "")
	if gone.status != http.StatusOK || gone.at("data.revoked") != 1.0 {
		t.Errorf("revoke: %d %s", gone.status, gone.raw)
	}
	if _, err := s.verifier.Verify(t.Context(), lost); err == nil {
		t.Error("its access token is still good")
	}
	s.problem("again", s.call("DELETE", "/auth/sessions/"+r.SessionID, access, ""), http.StatusNotFound, "auth.no_such_session")
	if rest := s.call("DELETE", "/auth/sessions", access, ""); rest.status != http.StatusOK || rest.at("data.revoked") != 1.0 {
		t.Errorf("others: %d %s", rest.status, rest.raw)
	}
	if _, err := s.verifier.Verify(t.Context(), third); err == nil {
		t.Error("another session's access token is still good")
	}
	activity := s.call("GET", "/auth/activity?limit=2", access, "")
	entries, _ := activity.at("data.entries").([]any)
	if activity.status != http.StatusOK || len(entries) != 2 || activity.text("data.next_cursor") == "" {
		t.Fatalf("activity: %d %s", activity.status, activity.raw)
	}
	if first, _ := entries[0].(map[string]any); first["action"] != "session.revoke" || first["detail"] != "others" || first["object"] != nil {
		t.Errorf("latest activity: %v", first)
	}
	s.problem("bad cursor", s.call("GET", "/auth/activity?cursor=x", access, ""), http.StatusUnprocessableEntity, "request.invalid_field")
	s.problem("bad limit", s.call("GET", "/auth/activity?limit=101", access, ""), http.StatusUnprocessableEntity, "request.invalid_field")
	for _, c := range [][2]string{{"GET", "/auth/sessions"}, {"DELETE", "/auth/sessions"}, {"DELETE", "/auth/sessions/x"}, {"GET", "/auth/activity"}} {
		if a := s.call(c[0], c[1], "", ""); a.status != http.StatusUnauthorized {
			t.Errorf("%s %s without a token: %d", c[0], c[1], a.status)
		}
	}
}
