//go:build acceptance

package acceptance

import (
	"net/http"
	"testing"
)

// planning: other parameters on the same video are planned without a second upload, and the job then gives what was planned.
func planning(t *testing.T, w *world) {
	u := w.signIn(t)
	keep := map[string]any{"processing": map[string]any{"auto_cleanup": false}}
	w.json(t, http.StatusOK, call{method: http.MethodPut, path: "/video-processing/user/preferences", token: u.token, body: keep})
	id := w.submit(t, u, shortClip(t), map[string]string{"extraction_fps": "1"})
	w.reach(t, u, id, "completed", patience)
	images := unzip(t, archive(t, w, u, id))
	plan := w.get(t, u.token, job(id, "/plan"))
	if got := int(plan.number(t, "frames")); got != len(images) {
		t.Errorf("%d images were planned, the archive has %d", got, len(images))
	}
	denser := w.get(t, u.token, job(id, "/plan?extraction_fps=5"))
	if denser.number(t, "frames") <= plan.number(t, "frames") || denser.number(t, "estimated_bytes") <= plan.number(t, "estimated_bytes") {
		t.Errorf("five a second is planned as %v, one as %v", denser, plan)
	}
	stranger := w.signIn(t)
	if a := w.do(t, call{method: http.MethodGet, path: job(id, "/plan"), token: stranger.token}); a.status != http.StatusNotFound {
		t.Errorf("a stranger gets %d", a.status)
	}
}
