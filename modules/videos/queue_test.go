package videos_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// Many workers at once take every job exactly once.
func TestConcurrentClaimsTakeEveryJobOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		const jobs = 24
		for range jobs {
			w.submit("ann")
		}
		var mu sync.Mutex
		taken := map[string]int{}
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				for {
					claims, err := w.queue.Claim(t.Context(), fmt.Sprint("worker-", i), 2)
					if err != nil {
						t.Error(err)
					}
					if err != nil || len(claims) == 0 {
						return
					}
					mu.Lock()
					for _, c := range claims {
						taken[c.Lease.JobID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(taken) != jobs {
			t.Errorf("%d jobs were taken, want %d", len(taken), jobs)
		}
		for id, n := range taken {
			if n != 1 {
				t.Errorf("job %s was taken %d times", id, n)
			}
		}
	})
}

// A job whose worker dies is taken over once; one that kills its second worker too has failed, and says so.
func TestRescueAndPoison(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		id := w.submit("ann")
		first := w.claim("w1")
		w.expire()
		w.must(w.module.Rescue(t.Context()))
		if s := w.status("ann", id); s != "pending" {
			t.Fatalf("after the first loss the job is %s", s)
		}
		w.expire()
		second := w.claim("w2")
		if first.LastCrash || !second.LastCrash {
			t.Errorf("last crash: first %v, second %v", first.LastCrash, second.LastCrash)
		}
		if second.Attempt != 2 || second.ResultKey == first.ResultKey {
			t.Errorf("second claim %+v", second)
		}
		if _, err := w.queue.Renew(t.Context(), first.Lease, videos.Progress{}); !errors.Is(err, videos.ErrLeaseLost) {
			t.Errorf("the dead worker renewed: %v", err)
		}
		w.expire()
		w.must(w.module.Rescue(t.Context()))
		a := w.get("ann", "/jobs/"+id+"/status")
		if a.at(t, "data.job.status") != "failed" || a.at(t, "data.error.code") != "CRASHED" || a.at(t, "data.progress.percentage") != nil {
			t.Errorf("after the second loss: %s", a.body)
		}
	})
}

// expire lets all leases and waits end, by moving the injected clock and, for a database that has its own, the rows.
func (w *world) expire() {
	w.t.Helper()
	w.clock.advance(10 * time.Minute)
	past := w.clock.Now().Add(-time.Minute)
	if w.db.Name() == "postgres" {
		past = time.Now().UTC().Add(-time.Minute)
	}
	w.must(w.db.Exec("UPDATE jobs SET run_at = ? WHERE status = 'pending'", past).Error)
	w.must(w.db.Exec("UPDATE jobs SET lease_until = ? WHERE status = 'processing'", past).Error)
}

func TestCancelAndDeleteAcrossStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cancel := func(id string) answer { return w.do("ann", http.MethodPost, "/jobs/"+id+"/cancel", nil) }

	waiting := w.submit("ann")
	if a := cancel(waiting); a.status != http.StatusOK || a.at(t, "status") != "cancelled" || a.at(t, "message") != "Job "+waiting+" cancellation requested" {
		t.Errorf("cancel of a waiting job: %d %s", a.status, a.body)
	}
	if a := cancel(waiting); a.status != http.StatusBadRequest || a.at(t, "detail") != "Cannot cancel job with status: cancelled" {
		t.Errorf("second cancel: %d %s", a.status, a.body)
	}

	running := w.submit("ann")
	c := w.claim("w")
	if a := w.do("ann", http.MethodDelete, "/jobs/"+running, nil); a.status != http.StatusBadRequest || a.at(t, "code") != "videos.job_running" {
		t.Errorf("delete of a running job: %d %s", a.status, a.body)
	}
	if a := cancel(running); a.status != http.StatusOK {
		t.Errorf("cancel of a running job: %d %s", a.status, a.body)
	}
	stop, err := w.queue.Renew(t.Context(), c.Lease, videos.Progress{Percent: 60})
	if err != nil || !stop {
		t.Errorf("the worker heard %v %v", stop, err)
	}
	if err := w.queue.Complete(t.Context(), c.Lease, videos.Result{Key: c.ResultKey, Frames: 1}); !errors.Is(err, videos.ErrLeaseLost) {
		t.Errorf("a cancelled job completed: %v", err)
	}
	w.must(w.queue.Cancelled(t.Context(), c.Lease))
	if a := w.do("ann", http.MethodDelete, "/jobs/"+running, nil); a.status != http.StatusOK {
		t.Errorf("delete of a cancelled job: %d %s", a.status, a.body)
	}
	if _, err := w.queue.Renew(t.Context(), c.Lease, videos.Progress{}); !errors.Is(err, videos.ErrLeaseLost) {
		t.Errorf("renew of a deleted job: %v", err)
	}
	done := w.submit("ann")
	w.finish(w.claim("w"), 1)
	if a := cancel(done); a.status != http.StatusBadRequest || a.at(t, "detail") != "Cannot cancel job with status: completed" {
		t.Errorf("cancel of a completed job: %d %s", a.status, a.body)
	}
}

func TestProgressNeverRunsBackOrAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.submit("ann")
	percent := func() any { return w.get("ann", "/jobs/"+id+"/status").at(t, "data.progress.percentage") }
	if p := percent(); p != 0.0 {
		t.Errorf("waiting: %v", p)
	}
	c := w.claim("w")
	for _, step := range []struct{ report, want float64 }{{0, 10}, {42, 42}, {30, 42}, {99.9, 95}, {-1, 95}} {
		_, err := w.queue.Renew(t.Context(), c.Lease, videos.Progress{Percent: step.report})
		w.must(err)
		if p := percent(); p != step.want {
			t.Errorf("after a report of %v: %v, want %v", step.report, p, step.want)
		}
	}
	w.must(w.queue.Release(t.Context(), c.Lease))
	if p := percent(); p != 0.0 {
		t.Errorf("released: %v", p)
	}
	if c := w.claim("w"); c.Attempt != 1 {
		t.Errorf("a released attempt was charged: %d", c.Attempt)
	}
}

func TestFailureIsShownOnlyOnceItIsFinal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.submit("ann")
	w.must(w.queue.Fail(t.Context(), w.claim("w").Lease, videos.Failure{Code: "STORAGE", Message: "The storage did not answer.", Detail: "/secret", Retry: true}))
	if a := w.get("ann", "/jobs/"+id+"/status"); a.at(t, "data.job.status") != "pending" || a.at(t, "data.error") != nil {
		t.Errorf("before the retry: %s", a.body)
	}
	w.clock.advance(5 * time.Second)
	w.must(w.queue.Fail(t.Context(), w.claim("w").Lease, videos.Failure{Code: "NO_FRAMES", Message: "No frames could be extracted."}))
	a := w.get("ann", "/jobs/"+id+"/status")
	if a.at(t, "data.job.status") != "failed" || a.at(t, "data.error.message") != "No frames could be extracted." || a.at(t, "data.error.code") != "NO_FRAMES" {
		t.Errorf("at the end: %s", a.body)
	}
}
