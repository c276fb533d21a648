//go:build acceptance

package acceptance

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"
)

// smoke: `fiapx smoke` passes on a deployment that works, with an account of its own and with a key, and leaves no file.
func smoke(t *testing.T, w *world) {
	before := files(t, w.d)
	first, last := "register", "close account"
	trySmoke(t, w, nil, first, last)

	u := w.signIn(t)
	key := w.json(t, http.StatusCreated, call{method: http.MethodPost, path: "/auth/api-keys", token: u.token, body: map[string]any{
		"name": "smoke", "scopes": []string{"videos:read", "videos:write"}, "current_password": u.password,
	}}).text(t, "data.key")
	trySmoke(t, w, []string{"FIAPX_TOKEN=" + key}, "submit", "delete job")
	if gone := eventually(t, 40*time.Second, func() bool { return len(w.filesSince(t, before)) == 0 }); !gone {
		t.Errorf("left on the disk: %v", w.filesSince(t, before))
	}
}

func trySmoke(t *testing.T, w *world, env []string, first, last string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "smoke", "--json", "--server", "http://"+w.d.api, "--auth-server", "http://"+w.d.auth)
	cmd.Env = append(append(os.Environ(), "GOCOVERDIR="+covered, "HOME="+t.TempDir()), env...)
	out, err := cmd.Output()
	var result struct {
		OK    bool `json:"ok"`
		Steps []struct {
			Name string `json:"name"`
			OK   bool   `json:"ok"`
		} `json:"steps"`
	}
	if bad := json.Unmarshal(out, &result); err != nil || bad != nil || !result.OK {
		t.Fatalf("fiapx smoke: %v, %v: %s", err, bad, out)
	}
	if n := len(result.Steps); n < 4 || result.Steps[0].Name != first || result.Steps[n-1].Name != last {
		t.Errorf("steps: %v, want from %s to %s", result.Steps, first, last)
	}
}
