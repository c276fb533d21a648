package videos_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

func (w *world) fail(code string) videos.Claim {
	w.t.Helper()
	c := w.claim("w")
	w.must(w.queue.Fail(w.t.Context(), c.Lease, videos.Failure{Code: code, Message: "It did not work."}))
	return c
}

func (w *world) outcomes(user, id string) (got []string) {
	w.t.Helper()
	for _, a := range w.get(user, "/jobs/"+id+"/attempts").at(w.t, "attempts").([]any) {
		outcome, _ := a.(map[string]any)["outcome"].(string)
		got = append(got, outcome)
	}
	return got
}

// A failed job is tried again by its owner: once, from the start, and no worker of before is heard.
func TestOwnersTryAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		id := w.submit("ann")
		retry := func() answer { return w.do("ann", http.MethodPost, "/jobs/"+id+"/retry", nil) }
		if a := retry(); a.status != http.StatusBadRequest || a.at(t, "code") != "videos.cannot_retry" {
			t.Errorf("retry of a waiting job: %d %s", a.status, a.body)
		}
		first := w.fail("NO_FRAMES")
		if a := retry(); a.status != http.StatusOK || a.at(t, "status") != "pending" || a.at(t, "job_id") != id {
			t.Fatalf("retry: %d %s", a.status, a.body)
		}
		if a := retry(); a.status != http.StatusBadRequest {
			t.Errorf("second retry: %d %s", a.status, a.body)
		}
		if a := w.get("ann", "/jobs/"+id+"/status"); a.at(t, "data.error") != nil || a.at(t, "data.job.queue_position") != 1.0 {
			t.Errorf("while it waits: %s", a.body)
		}
		second := w.claim("w")
		if second.Attempt != 1 || second.Lease.Token <= first.Lease.Token || second.ResultKey == first.ResultKey {
			t.Errorf("claimed %+v after %+v", second, first)
		}
		if err := w.queue.Complete(t.Context(), first.Lease, videos.Result{Key: first.ResultKey}); !errors.Is(err, videos.ErrLeaseLost) {
			t.Errorf("the earlier attempt completed: %v", err)
		}
		w.finish(second, 1)
		if diff := cmp.Diff([]string{"failed", "completed"}, w.outcomes("ann", id)); diff != "" {
			t.Error(diff)
		}
	})
}

// The log tells each way in which an attempt can end.
func TestAttemptsAreLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *videos.Config) { c.MaxCrashes = 3 })
	id := w.submit("ann")
	w.must(w.queue.Release(t.Context(), w.claim("w1").Lease))
	w.must(w.queue.Fail(t.Context(), w.claim("w2").Lease, videos.Failure{Code: "STORAGE", Retry: true}))
	w.expire()
	w.must(w.queue.Fail(t.Context(), w.claim("w3").Lease, videos.Failure{Code: videos.CodeCrashed, Retry: true}))
	w.expire()
	w.claim("w4")
	w.expire()
	w.must(w.module.Rescue(t.Context()))
	w.expire()
	w.claim("w5")
	w.must(w.module.Cancel(t.Context(), "ann", id))
	want := []string{"released", "retry", "crashed", "lost", "cancelled"}
	if diff := cmp.Diff(want, w.outcomes("ann", id)); diff != "" {
		t.Error(diff)
	}
	last, _ := w.get("ann", "/jobs/"+id+"/attempts").at(t, "attempts").([]any)[2].(map[string]any)
	if last["worker_id"] != "w3" || last["error_code"] != videos.CodeCrashed || last["ended_at"] == nil {
		t.Errorf("logged %v", last)
	}
}

// Administrators see what failed for whomever, with the reason, and can have it tried again; a job without its video cannot.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		w.admins = []string{"root"}
		old := w.submit("ann")
		w.fail("NO_FRAMES")
		w.clock.advance(time.Minute)
		fresh := w.submit("bob")
		w.fail("STORAGE")
		list := w.get("root", "/admin/dead-letters?limit=1")
		if list.at(t, "total_count") != 2.0 || len(list.at(t, "jobs").([]any)) != 1 {
			t.Fatalf("listed: %s", list.body)
		}
		letter, _ := list.at(t, "jobs").([]any)[0].(map[string]any)
		if letter["job_id"] != fresh || letter["user_id"] != "bob" || letter["error_code"] != "STORAGE" || letter["attempts"] != 1.0 || letter["can_retry"] != true {
			t.Errorf("the latest is %v", letter)
		}
		requeue := func(id string) answer {
			return w.do("root", http.MethodPost, "/admin/dead-letters/"+id+"/requeue", nil)
		}
		if a := requeue(fresh); a.status != http.StatusOK || w.status("bob", fresh) != "pending" {
			t.Errorf("requeue: %d %s", a.status, a.body)
		}
		w.must(db.Exec("UPDATE jobs SET source_removed_at = created_at WHERE id = ?", old).Error)
		if a := requeue(old); a.status != http.StatusGone || w.status("ann", old) != "failed" {
			t.Errorf("requeue without the video: %d %s", a.status, a.body)
		}
		if a := requeue(absentJob); a.status != http.StatusNotFound {
			t.Errorf("requeue of nothing: %d %s", a.status, a.body)
		}
	})
}
