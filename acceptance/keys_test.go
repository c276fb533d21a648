//go:build acceptance

package acceptance

import (
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// apiKeys: a key does for a program what a session does for its owner, in every process, until it is revoked.
func apiKeys(t *testing.T, w *world) {
	u := w.signIn(t)
	create := func(scopes ...string) (key, id string) {
		t.Helper()
		body := map[string]any{"name": "nightly", "scopes": scopes, "current_password": u.password, "expires_at": time.Now().Add(time.Hour)}
		made := w.json(t, http.StatusCreated, call{method: http.MethodPost, path: "/auth/api-keys", token: u.token, body: body})
		made.want(t, map[string]any{"data.api_key.name": "nightly", "data.api_key.last_used_at": nil})
		return made.text(t, "data.key"), made.text(t, "data.api_key.id")
	}
	key, id := create("videos:read", "videos:write")
	reader, _ := create("videos:read", "account:read")
	job1 := w.submit(t, user{token: key}, shortClip(t), nil)
	w.reach(t, user{token: reader}, job1, "completed", 30*time.Second)
	header := call{method: http.MethodGet, path: job(job1, "/frames"), header: http.Header{"X-Api-Key": {reader}}}
	if a := w.do(t, header); a.status != http.StatusOK {
		t.Errorf("frames by X-API-Key: %d %s", a.status, a.body)
	}
	w.get(t, reader, "/users/profile").want(t, map[string]any{"data.user.id": u.id})
	for _, q := range []call{
		{method: http.MethodDelete, path: job(job1, ""), token: reader},
		{method: http.MethodGet, path: "/users/profile", token: key},
		{method: http.MethodPost, path: "/auth/api-keys", token: key, body: map[string]any{"name": "x", "scopes": []string{"videos:read"}, "current_password": u.password}},
	} {
		refused(t, w.do(t, q), refusal{status: []int{http.StatusForbidden}})
	}
	w.post(t, key, "/auth/token", nil).want(t, map[string]any{"data.scope": "videos:read videos:write", "data.token_type": "Bearer"})

	listed(t, w, u, 2)
	list := w.get(t, u.token, "/auth/api-keys")
	list.list(t, "data.api_keys")[0].times(t, "last_used_at", "expires_at", "created_at")

	revoke := call{method: http.MethodDelete, path: "/auth/api-keys/" + id, token: u.token}
	w.json(t, http.StatusOK, revoke).want(t, map[string]any{"data.revoked": 1})
	w.revokedForJobs(t, key)
	refused(t, w.do(t, revoke), refusal{status: []int{http.StatusNotFound}})
	w.get(t, reader, "/video-processing/jobs").want(t, map[string]any{"success": true})
	w.json(t, http.StatusOK, call{method: http.MethodDelete, path: "/auth/api-keys", token: u.token}).want(t, map[string]any{"data.revoked": 1})
	w.revokedForJobs(t, reader)
	w.revokedForJobs(t, "fiapx_"+strings.Repeat("a", 47))
}

func listed(t *testing.T, w *world, u user, want int) {
	t.Helper()
	if n := len(w.get(t, u.token, "/auth/api-keys").list(t, "data.api_keys")); n != want {
		t.Errorf("%d keys are listed, want %d", n, want)
	}
}

// commandLine: log in, make a key, use it where there is no session, revoke it.
func commandLine(t *testing.T, w *world) {
	u := w.register(t)
	home := t.TempDir()
	run := func(stdin string, env []string, args ...string) (out string, err error) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, append(args, "--server", "http://"+w.d.api, "--auth-server", "http://"+w.d.auth)...)
		cmd.Env = append(append(os.Environ(), "GOCOVERDIR="+covered, "HOME="+home, "XDG_CONFIG_HOME="+home), env...)
		cmd.Stdin = strings.NewReader(stdin)
		text, err := cmd.CombinedOutput()
		return string(text), err
	}
	must := func(out string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(out)
	}
	must(run(u.password, nil, "login", u.name, "--password-stdin"))
	key := must(run(u.password, nil, "keys", "create", "nightly", "--scope", "videos:read", "--expires", "30d", "--password-stdin"))
	table := must(run("", nil, "keys", "list"))
	if !strings.Contains(table, "nightly") || !strings.Contains(table, key[:10]) || strings.Contains(table, key) {
		t.Errorf("keys list says:\n%s", table)
	}
	must(run("", nil, "logout"))
	token := []string{"FIAPX_TOKEN=" + key}
	if out := must(run("", token, "jobs")); out != "No jobs." {
		t.Errorf("jobs with the key says %q", out)
	}
	if out, err := run("", token, "keys", "list"); err == nil || !strings.Contains(out, "account:read") {
		t.Errorf("beyond the key's scope: %v, %s", err, out)
	}
	must(run(u.password, nil, "login", u.name, "--password-stdin"))
	id := regexp.MustCompile(`(?m)^[0-9a-f-]{36}`).FindString(table)
	must(run("", nil, "keys", "revoke", id))
	gone := eventually(t, 5*time.Second, func() bool { _, err := run("", token, "jobs"); return err != nil })
	if out, _ := run("", token, "jobs"); !gone || !strings.Contains(out, "This API key is unknown, expired or revoked") {
		t.Errorf("with a revoked key: %s", out)
	}
}
