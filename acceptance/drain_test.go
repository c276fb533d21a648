//go:build acceptance

package acceptance

import (
	"strings"
	"testing"
	"time"
)

// TestDrain has a worker empty the queue and leave by itself, with exit code 0.
func TestDrain(t *testing.T) {
	w := newWorld(deploy(t, startSplit))
	u := w.signIn(t)
	w.d.processes[2].stop(t)
	var ids []string
	for range 3 {
		ids = append(ids, w.submit(t, u, shortClip(t), nil))
	}
	env := append([]string{"FIAPX_STORAGE_SHARED=true", "FIAPX_PUBLIC_URL=http://" + w.d.api}, w.d.env...)
	worker := launch(t, env, "work", "--drain", "--concurrency", "2", "--data", w.d.data, "--listen", freeAddress(t))
	select {
	case <-worker.exited:
	case <-time.After(patience):
		t.Fatal("the worker goes on although nothing is due")
	}
	if worker.err != nil {
		t.Errorf("the worker ended with %v", worker.err)
	}
	if out := w.run(t, "queue", "workers", "--data", w.d.data); !strings.Contains(out, "No worker") {
		t.Errorf("the workers that have left are still listed: %s", out)
	}
	for _, id := range ids {
		if s := w.status(t, u, id); s != "completed" {
			t.Errorf("a job is %s after the queue was drained", s)
		}
	}
}
