//go:build acceptance

package acceptance

import (
	"net/http"
	"testing"
)

// ownSessions: see where one is signed in, end one session, end all others, and find it all in one's activity.
func ownSessions(t *testing.T, w *world) {
	u := w.signIn(t)
	second, third := w.login(t, u), w.login(t, u)
	list := w.get(t, u.token, "/auth/sessions").list(t, "data.sessions")
	if len(list) != 3 {
		t.Fatalf("%d sessions, want 3", len(list))
	}
	mine := func(u user) string {
		t.Helper()
		for _, s := range w.get(t, u.token, "/auth/sessions").list(t, "data.sessions") {
			if s.at(t, "current") == true {
				s.times(t, "created_at", "last_used_at", "expires_at")
				return s.text(t, "id")
			}
		}
		t.Fatal("no session is the current one")
		return ""
	}
	revoke := call{method: http.MethodDelete, path: "/auth/sessions/" + mine(second), token: u.token}
	w.json(t, http.StatusOK, revoke).want(t, map[string]any{"data.revoked": 1})
	w.revokedForJobs(t, second.token)
	refused(t, w.do(t, revoke), refusal{status: []int{http.StatusNotFound}})
	foreign := call{method: http.MethodDelete, path: "/auth/sessions/" + mine(u), token: w.signIn(t).token}
	refused(t, w.do(t, foreign), refusal{status: []int{http.StatusNotFound}})

	others := call{method: http.MethodDelete, path: "/auth/sessions", token: u.token}
	w.json(t, http.StatusOK, others).want(t, map[string]any{"data.revoked": 1})
	w.revokedForJobs(t, third.token)
	w.get(t, u.token, "/video-processing/jobs").want(t, map[string]any{"success": true})

	page := w.get(t, u.token, "/auth/activity?limit=2")
	entries := page.list(t, "data.entries")
	entries[0].want(t, map[string]any{"action": "session.revoke", "outcome": "done", "detail": "others", "user_id": u.id, "actor": u.id})
	entries[0].times(t, "at")
	next := w.get(t, u.token, "/auth/activity?limit=100&cursor="+page.text(t, "data.next_cursor")).list(t, "data.entries")
	next[len(next)-1].want(t, map[string]any{"action": "user.register"})
}
