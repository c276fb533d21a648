package videos_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

func (w *world) keyed(user, key string, parts ...part) answer {
	w.t.Helper()
	body, kind := multi(w.t, parts...)
	return w.do(user, http.MethodPost, "/submit", bytes.NewReader(body), "Content-Type", kind, "Idempotency-Key", key)
}

func (w *world) jobs(user string) float64 {
	w.t.Helper()
	return w.get(user, "/jobs").at(w.t, "data.pagination.total_count").(float64)
}

func TestSubmitAgainWithTheSameKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	film, fps := file("a.mp4", video("")), field("extraction_fps", "2")
	first := w.keyed("ann", "k-1", film, fps)
	if first.status != http.StatusCreated || first.header.Get("Idempotent-Replayed") != "" {
		t.Fatalf("first: %d %s", first.status, first.body)
	}
	id := first.at(t, "data.job.id")
	for name, a := range map[string]answer{
		"again":            w.keyed("ann", "k-1", film, fps),
		"in quotes":        w.keyed("ann", `"k-1"`, film, fps),
		"in another order": w.keyed("ann", "k-1", fps, film),
	} {
		if a.status != http.StatusCreated || a.at(t, "data.job.id") != id || a.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if a.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("%s: Location %q", name, a.header.Get("Location"))
		}
	}
	for name, a := range map[string]answer{
		"other field":   w.keyed("ann", "k-1", film, field("extraction_fps", "3")),
		"no field":      w.keyed("ann", "k-1", film),
		"other name":    w.keyed("ann", "k-1", file("b.mp4", video("")), fps),
		"other content": w.keyed("ann", "k-1", file("a.mp4", video("y")), fps),
	} {
		if a.status != http.StatusUnprocessableEntity || a.at(t, "code") != "videos.idempotency_key_reused" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := w.keyed("bob", "k-1", film, fps); a.status != http.StatusCreated || a.at(t, "data.job.id") == id {
		t.Errorf("another user's key: %d %s", a.status, a.body)
	}
	if n, keys := w.jobs("ann"), w.keys(); n != 1 || len(keys) != 2 {
		t.Errorf("%v jobs and %v, want one job and a file for each user", n, keys)
	}
}

func TestKeyOfAnEndedOrDeletedJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	film := file("a.mp4", video(""))
	id, _ := w.keyed("ann", "k", film).at(t, "data.job.id").(string)
	w.finish(w.claim("w"), 2)
	a := w.keyed("ann", "k", film)
	if a.status != http.StatusCreated || a.at(t, "data.job.status") != "completed" || a.at(t, "data.job.queue_position") != 0.0 {
		t.Errorf("completed: %d %s", a.status, a.body)
	}
	if a := w.do("ann", http.MethodDelete, "/jobs/"+id, nil); a.status != http.StatusOK {
		t.Fatalf("delete: %d %s", a.status, a.body)
	}
	if a := w.keyed("ann", "k", film); a.status != http.StatusGone || a.at(t, "code") != "videos.job_deleted" {
		t.Errorf("deleted: %d %s", a.status, a.body)
	}
	w.clock.advance(25 * time.Hour)
	if a := w.keyed("ann", "k", film); a.status != http.StatusCreated || a.at(t, "data.job.id") == id {
		t.Errorf("a day later: %d %s", a.status, a.body)
	}
}

// A key is spent by a job, not by a request that was refused.
func TestRefusedRequestLeavesItsKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if a := w.keyed("ann", "k", file("a.mp4", video("soundonly"))); a.status != http.StatusBadRequest {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := w.keyed("ann", "k", file("a.mp4", video(""))); a.status != http.StatusCreated || a.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, bad := range []string{strings.Repeat("x", 256), "a b", `"open`, `""`, "ação"} {
		if a := w.keyed("ann", bad, file("a.mp4", video(""))); a.status != http.StatusBadRequest || a.at(t, "code") != "videos.invalid_idempotency_key" {
			t.Errorf("%q: %d %s", bad, a.status, a.body)
		}
	}
}

func TestKeyIsTakenWhileItsUploadIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *videos.Config) { c.UserUploads = 200 })
	body, kind := multi(t, file("a.mp4", video("")))
	r, hold := io.Pipe()
	done := make(chan answer)
	w.server.Client().Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
	go func() { // sends nothing before the server reads, which has the key by then
		done <- w.do("ann", http.MethodPost, "/submit", r, "Content-Type", kind, "Idempotency-Key", "k", "Expect", "100-continue")
	}()
	_, err := hold.Write(body[:2000])
	w.must(err)
	again := func() answer {
		return w.do("ann", http.MethodPost, "/submit", bytes.NewReader(body), "Content-Type", kind, "Idempotency-Key", "k")
	}
	if a := again(); a.status != http.StatusConflict || a.at(t, "code") != "videos.submission_in_progress" || a.header.Get("Retry-After") == "" {
		t.Errorf("meanwhile: %d %s", a.status, a.body)
	}
	// The process of the first one stands still for longer than its hold, as if it had died: the next one takes over, and the
	// first one must not add a second job.
	w.clock.advance(time.Minute)
	second := again()
	if second.status != http.StatusCreated {
		t.Fatalf("after the hold: %d %s", second.status, second.body)
	}
	_, err = hold.Write(body[2000:])
	w.must(err)
	w.must(hold.Close())
	if a := <-done; a.status != http.StatusConflict {
		t.Errorf("the first one: %d %s", a.status, a.body)
	}
	if n := w.jobs("ann"); n != 1 {
		t.Errorf("%v jobs, want 1", n)
	}
}

func TestManyEqualSubmissionsMakeOneJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *videos.Config) { c.UserUploads = 200 })
	var group sync.WaitGroup
	answers := make([]answer, 40)
	for i := range answers {
		group.Go(func() { answers[i] = w.keyed("ann", "k", file("a.mp4", video(""))) })
	}
	group.Wait()
	var ids []string
	for _, a := range answers {
		switch a.status {
		case http.StatusCreated:
			ids = append(ids, fmt.Sprint(a.at(t, "data.job.id")))
		case http.StatusConflict:
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 1 || w.jobs("ann") != 1 {
		t.Errorf("%v and %v jobs, want one", ids, w.jobs("ann"))
	}
}

// The database commits, and its answer is lost: the client hears of an error, tries again and gets the job that is there.
func TestAnswerToTheCommitIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	film := file("a.mp4", video(""))
	dbtest.LoseCommit(w.db, 2) // the key is taken with the first one, the job is stored with the second
	if a := w.keyed("ann", "k", film); a.status != http.StatusInternalServerError {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := w.keyed("ann", "k", film); a.status != http.StatusCreated || a.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if n := w.jobs("ann"); n != 1 {
		t.Errorf("%v jobs, want 1", n)
	}
}
