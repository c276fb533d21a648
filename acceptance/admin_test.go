//go:build acceptance

package acceptance

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// administration: the first administrator is made at the command line, finds a user, keeps him out and lets him in again.
func administration(t *testing.T, w *world) {
	u, boss := w.signIn(t), w.register(t)
	refused(t, w.do(t, call{method: http.MethodGet, path: "/admin/users", token: w.login(t, boss).token}), refusal{status: []int{http.StatusForbidden}})
	if out := w.operate(t, "create", "--email", boss.email); !strings.Contains(out, boss.name) {
		t.Errorf("admin create says %q", out)
	}
	boss = w.login(t, boss)
	key := w.json(t, http.StatusCreated, call{method: http.MethodPost, path: "/auth/api-keys", token: u.token, body: map[string]any{
		"name": "nightly", "scopes": []string{"videos:read"}, "current_password": u.password,
	}}).text(t, "data.key")

	found := w.get(t, boss.token, "/admin/users?q="+u.name+"&status=active&role=user&limit=1").list(t, "data.users")
	if len(found) != 1 {
		t.Fatalf("found %d users", len(found))
	}
	found[0].want(t, map[string]any{"id": u.id, "email": u.email, "role": "user", "status": "active"})
	w.get(t, boss.token, "/admin/users/"+boss.id).want(t, map[string]any{"data.user.role": "admin"})

	change := func(what string) call {
		return call{method: http.MethodPost, path: "/admin/users/" + u.id + "/" + what, token: boss.token}
	}
	w.json(t, http.StatusOK, change("block")).want(t, map[string]any{"data.user.status": "blocked"})
	w.revokedForJobs(t, u.token)
	w.revokedForJobs(t, key)
	in := call{method: http.MethodPost, path: "/auth/login", body: map[string]any{"identifier": u.email, "password": u.password}}
	refused(t, w.do(t, in), refusal{status: []int{http.StatusUnauthorized}})
	w.json(t, http.StatusOK, change("unblock")).want(t, map[string]any{"data.user.status": "active"})
	w.get(t, w.login(t, u).token, "/video-processing/jobs").want(t, map[string]any{"success": true})
	back := eventually(t, 10*time.Second, func() bool {
		return w.do(t, call{method: http.MethodGet, path: "/video-processing/jobs", token: key}).status == http.StatusOK
	})
	if !back {
		t.Error("the API key does not work again")
	}

	trail := w.get(t, boss.token, "/admin/audit?user_id="+u.id+"&action=user.block").list(t, "data.entries")
	if len(trail) != 1 {
		t.Fatalf("%d entries about the block", len(trail))
	}
	trail[0].want(t, map[string]any{"actor": boss.id, "user_id": u.id, "outcome": "done"})

	if out := w.operate(t, "list", "--search", boss.email); !strings.Contains(out, boss.id) || strings.Contains(out, u.id) {
		t.Errorf("admin list says %q", out)
	}
	w.operate(t, "demote", boss.name)
	w.revokedForJobs(t, boss.token)
}

// operate runs `fiapx admin` beside the running processes.
func (w *world) operate(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append(append([]string{"admin"}, args...), "--data", w.d.data)...)
	cmd.Env = append(append(cmd.Environ(), "GOCOVERDIR="+covered), w.d.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("fiapx admin %v: %v\n%s", args, err, out)
	}
	return string(out)
}
