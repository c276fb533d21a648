//go:build acceptance

package acceptance

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// poisonJob: a video that kills its decoder is tried twice and no more, while the worker lives on. Its owner and the
// operator see why, and each can have it tried again; other users cannot.
func poisonJob(t *testing.T, w *world) {
	u := w.signIn(t)
	id := w.submit(t, u, lateClip(t), map[string]string{"timestamps": "39.5"}) // no image comes before the kill, or it would be kept
	w.kill(t, u, id)
	status := w.get(t, u.token, job(id, "/status"))
	status.want(t, map[string]any{"data.job.status": "failed", "data.error.code": "CRASHED"})
	w.tried(t, u, id, 2)

	out := w.run(t, "queue", "failed", "--json", "--data", w.d.data)
	if !strings.Contains(out, id) || !strings.Contains(out, `"error_code":"CRASHED"`) {
		t.Errorf("queue failed says %s", out)
	}
	letters := call{method: http.MethodGet, path: "/video-processing/admin/dead-letters", token: u.token}
	if out := w.run(t, "queue", "workers", "--json", "--data", w.d.data); !strings.Contains(out, `"state":"working"`) {
		t.Errorf("queue workers says %s", out)
	}
	workers := call{method: http.MethodGet, path: "/video-processing/admin/workers", token: u.token}
	requeue := call{method: http.MethodPost, path: letters.path + "/" + id + "/requeue", token: u.token}
	for _, q := range []call{letters, requeue, workers} {
		refused(t, w.do(t, q), refusal{status: []int{http.StatusForbidden}, code: "auth.scope_missing"})
	}

	w.post(t, u.token, job(id, "/retry"), nil).want(t, map[string]any{"success": true, "status": "pending", "job_id": id})
	refused(t, w.do(t, call{method: http.MethodPost, path: job(id, "/retry"), token: u.token}), refusal{status: []int{http.StatusBadRequest}, code: "videos.cannot_retry"})
	w.kill(t, u, id)
	w.tried(t, u, id, 4)

	w.run(t, "queue", "retry", id, "--data", w.d.data)
	w.post(t, u.token, job(id, "/cancel"), nil)
	w.json(t, http.StatusOK, call{method: http.MethodDelete, path: job(id, ""), token: u.token})
}

// kill ends every decoder of the job until it has failed.
func (w *world) kill(t *testing.T, u user, id string) {
	t.Helper()
	ok := eventually(t, patience, func() bool {
		p := w.get(t, u.token, job(id, "/progress"))
		if p.text(t, "status") == "processing" && p.number(t, "progress_percentage") > 30 {
			killDecoders(t)
		}
		return p.text(t, "status") == "failed"
	})
	if !ok {
		t.Fatal("the job has not failed although its decoders were killed")
	}
}

// tried checks that the log of the job holds so many attempts, all of which the decoder's death ended.
func (w *world) tried(t *testing.T, u user, id string, n int) {
	t.Helper()
	log := w.get(t, u.token, job(id, "/attempts")).list(t, "attempts")
	if len(log) != n {
		t.Errorf("%d attempts, want %d", len(log), n)
	}
	for _, a := range log {
		a.want(t, map[string]any{"outcome": "crashed", "error_code": "CRASHED"})
	}
}

// run runs another command of the program and gives what it printed.
func (w *world) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(append(cmd.Environ(), "GOCOVERDIR="+covered), w.d.env...)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("fiapx %v: %v\n%s", args, err, out)
	}
	return string(out)
}
