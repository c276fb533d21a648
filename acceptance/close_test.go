//go:build acceptance

package acceptance

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// closing: an account is over at once, everywhere; soon nothing of it is left on the disk, and its name is free.
func closing(t *testing.T, w *world) {
	before := files(t, w.d)
	u := w.signIn(t)
	key := w.json(t, http.StatusCreated, call{method: http.MethodPost, path: "/auth/api-keys", token: u.token, body: map[string]any{
		"name": "nightly", "scopes": []string{"videos:read"}, "current_password": u.password,
	}}).text(t, "data.key")
	w.reach(t, u, w.submit(t, u, shortClip(t), nil), "completed", 30*time.Second)
	w.submit(t, u, shortClip(t), nil) // waits or runs
	if n := len(w.filesSince(t, before)); n < 2 {
		t.Fatalf("%d files of a result and a video that waits", n)
	}
	closeIt := call{method: http.MethodPost, path: "/users/close-account", token: u.token, body: map[string]any{"current_password": u.password + "?"}}
	refused(t, w.do(t, closeIt), refusal{status: []int{http.StatusBadRequest}, field: "current_password"})
	refused(t, w.do(t, call{method: http.MethodPost, path: "/users/close-account", token: key, body: closeIt.body}),
		refusal{status: []int{http.StatusForbidden}})

	closeIt.body = map[string]any{"current_password": u.password}
	w.json(t, http.StatusAccepted, closeIt).want(t, map[string]any{"success": true, "data": nil})
	w.revokedForJobs(t, u.token)
	w.revokedForJobs(t, key)
	w.closedAccount(t, u)
	if n := len(w.get(t, "", "/.well-known/closed-accounts.json").list(t, "accounts")); n == 0 {
		t.Error("nobody is told of the closed account")
	}
	if gone := eventually(t, 40*time.Second, func() bool { return len(w.filesSince(t, before)) == 0 }); !gone {
		t.Errorf("left on the disk: %v", w.filesSince(t, before))
	}

	again := w.register(t)
	w.closeByCommand(t, w.login(t, again))
	w.closedAccount(t, again)
}

// filesSince are the files that were not there before.
func (w *world) filesSince(t *testing.T, before map[string]bool) (found []string) {
	t.Helper()
	for path := range files(t, w.d) {
		if !before[path] {
			found = append(found, path)
		}
	}
	return found
}

func (w *world) closedAccount(t *testing.T, u user) {
	t.Helper()
	for _, name := range []string{u.name, u.email} {
		in := call{method: http.MethodPost, path: "/auth/login", body: map[string]any{"identifier": name, "password": u.password}}
		refused(t, w.do(t, in), refusal{status: []int{http.StatusUnauthorized}})
	}
}

// closeByCommand does it as `fiapx close-account`, with the password on standard input.
func (w *world) closeByCommand(t *testing.T, u user) {
	t.Helper()
	home := t.TempDir()
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), program, append(args, "--password-stdin", "--server", "http://"+w.d.api, "--auth-server", "http://"+w.d.auth)...)
		cmd.Env = append(os.Environ(), "GOCOVERDIR="+covered, "HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, "config"))
		cmd.Stdin = strings.NewReader(u.password + "\n")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("fiapx %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	run("login", u.name)
	if out := run("close-account"); !strings.Contains(out, "is closed") {
		t.Errorf("close-account says %q", out)
	}
}
