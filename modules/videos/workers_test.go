package videos_test

import (
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// Workers are listed from their first report to their last, or until they have been silent for long.
func TestWorkersAreRegistered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		w.admins = []string{"root"}
		list := func() []any { return w.get("root", "/admin/workers").at(t, "workers").([]any) }
		capacity := func() any { return w.get("", "/system/health").at(t, "processing_capacity.max_concurrent_jobs") }
		report := func(id, state string) {
			w.must(w.queue.Report(t.Context(), videos.WorkerReport{
				ID: id, State: state, Capacity: 4, Running: 1, Completed: 3, Failed: 1, Uptime: time.Minute,
			}))
		}
		report("a", videos.WorkerWorking)
		report("b", videos.WorkerStopping)
		report("c", videos.WorkerStopped)
		if got := list(); len(got) != 2 {
			t.Fatalf("listed: %v", got)
		}
		a, _ := list()[0].(map[string]any)
		if a["worker_id"] != "a" || a["state"] != "working" || a["success_rate"] != 75.0 || a["uptime"] != 60.0 || a["version"] != "1.2.3" {
			t.Errorf("the first is %v", a)
		}
		_, err := w.queue.Claim(t.Context(), "a", 1) // it has memory for one more
		w.must(err)
		if n := capacity(); n != 4.0 {
			t.Errorf("the capacity is %v, but one of the two takes no more jobs", n)
		}
		report("a", videos.WorkerStopped)
		w.must(db.Exec("UPDATE workers SET last_seen = ? WHERE id = 'b'", time.Now().UTC().Add(-240*time.Hour)).Error)
		if got := list(); len(got) != 0 || capacity() != 0.0 {
			t.Errorf("still there: %v", got)
		}
	})
}
