//go:build acceptance

package acceptance

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sentAgain: the same submission with the same key is the same job, however often it comes.
func sentAgain(t *testing.T, w *world) {
	u := w.signIn(t)
	form := upload{name: "again.mp4", content: read(t, shortClip(t)), fields: map[string]string{"extraction_fps": "1"}}
	q := form.call(t, u.token)
	q.header = http.Header{"Idempotency-Key": {`"8e03978e-40d5-43dd-bc93-6894a57f9324"`}}
	id := w.json(t, http.StatusCreated, q).text(t, "data.job.id")
	again := w.do(t, q)
	if again.status != http.StatusCreated || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again: %d %v: %s", again.status, again.header, again.body)
	}
	if got := decode(t, again.body).text(t, "data.job.id"); got != id {
		t.Errorf("again: job %s, want %s", got, id)
	}
	form.fields["extraction_fps"] = "2"
	other := form.call(t, u.token)
	other.header = q.header
	refused(t, w.do(t, other), refusal{status: []int{http.StatusUnprocessableEntity}, code: "videos.idempotency_key_reused"})
	w.reach(t, u, id, "completed", patience)
	w.json(t, http.StatusOK, call{method: http.MethodDelete, path: job(id, ""), token: u.token})
	refused(t, w.do(t, q), refusal{status: []int{http.StatusGone}, code: "videos.job_deleted"})
}

// TestSubmitAgainAfterKill kills the program in the middle of an upload. The client sends it again with its key, is told to wait
// while the hold of the dead process lasts, and gets one job.
func TestSubmitAgainAfterKill(t *testing.T) {
	w := newWorld(deploy(t, startAll))
	u := w.signIn(t)
	q := upload{name: "killed.mp4", content: read(t, shortClip(t))}.call(t, u.token)
	q.header = http.Header{"Idempotency-Key": {"k-1"}}
	whole, _ := q.body.([]byte)
	halfway(t, w, q, whole)
	w.d.processes[0].end(syscall.SIGKILL)
	w.d.restart(t, w.d)
	u = w.login(t, u)
	q.token = u.token
	var a answer
	ok := eventually(t, 40*time.Second, func() bool {
		a = w.do(t, q)
		return a.status != http.StatusConflict
	})
	if !ok || a.status != http.StatusCreated {
		t.Fatalf("again: %d: %s", a.status, a.body)
	}
	w.reach(t, u, decode(t, a.body).text(t, "data.job.id"), "completed", patience)
	w.get(t, u.token, "/video-processing/jobs").want(t, map[string]any{"data.pagination.total_count": 1})
	w.d.stop(t)
}

// halfway sends half of the body and returns when the server has some of it on disk.
func halfway(t *testing.T, w *world, q call, whole []byte) {
	t.Helper()
	before := len(files(t, w.d))
	r, hold := io.Pipe()
	t.Cleanup(func() { _ = hold.Close() })
	request, err := http.NewRequestWithContext(t.Context(), q.method, w.address(q.path), r)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = q.header.Clone()
	request.Header.Set("Content-Type", q.contentType)
	request.Header.Set("Authorization", "Bearer "+q.token)
	go func() {
		if answer, err := transport.RoundTrip(request); err == nil { // it is killed before it answers
			_ = answer.Body.Close()
		}
	}()
	if _, err := io.Copy(hold, bytes.NewReader(whole[:len(whole)/2])); err != nil && !strings.Contains(err.Error(), "closed") {
		t.Fatal(err)
	}
	if !eventually(t, 10*time.Second, func() bool { return len(files(t, w.d)) > before }) {
		t.Fatal("nothing of the upload is on disk")
	}
}
