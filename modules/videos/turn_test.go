package videos_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// claimed takes n jobs, one by one, and gives their ids.
func (w *world) claimed(n int) (ids []string) {
	w.t.Helper()
	for range n {
		ids = append(ids, w.claim("w").Lease.JobID)
	}
	return ids
}

func (w *world) position(user, id string) any {
	w.t.Helper()
	return w.get(user, "/jobs/"+id+"/status").at(w.t, "data.job.queue_position")
}

func TestClaimsGoByPriorityThenAge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		first := w.submit("ann")
		w.clock.advance(time.Second)
		second := w.submit("bob")
		low, high := w.submit("cid", field("priority", "low")), w.submit("dan", field("priority", "high"))
		if p := w.position("cid", low); p != 4.0 {
			t.Errorf("the low job is at %v", p)
		}
		if p := w.position("ann", first); p != 2.0 {
			t.Errorf("behind a high job, the first is at %v", p)
		}
		if got := w.claimed(4); !slices.Equal(got, []string{high, first, second, low}) {
			t.Errorf("claimed %v", got)
		}
		if p := w.get("dan", "/jobs/"+high+"/status").at(t, "data.job.priority"); p != "high" {
			t.Errorf("shown as %v", p)
		}
	})
}

// However many jobs of higher priority keep coming, a low one has its turn.
func TestLowJobsAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	low := w.submit("ann", field("priority", "low"))
	waited := 0
	for ; waited < 100; waited++ {
		w.clock.advance(time.Minute)
		w.submit(fmt.Sprint("user-", waited), field("priority", "high"))
		if w.claim("w").Lease.JobID == low {
			break
		}
	}
	if waited < 25 || waited > 35 {
		t.Errorf("the low job waited %d minutes, want about two steps of 15", waited)
	}
}

// One user's many jobs do not hold up another's one, and two users with many jobs take turns.
func TestUsersShareTheWorkers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	crowd := map[string]bool{}
	for range 40 {
		crowd[w.submit("ann")] = true
	}
	w.claimed(2)
	w.clock.advance(time.Second)
	one := w.submit("bob")
	if p := w.position("bob", one); p != 1.0 {
		t.Errorf("a newcomer's only job is at %v of 39", p)
	}
	if got := w.claim("w").Lease.JobID; got != one {
		t.Errorf("claimed %s before the newcomer's", got)
	}
	w.clock.advance(time.Hour) // the crowd has waited for twelve turns
	for range 20 {
		w.submit("cid")
	}
	anns := 0
	for _, id := range w.claimed(30) {
		if crowd[id] {
			anns++
		}
	}
	if anns < 15 || anns > 25 {
		t.Errorf("%d of 30 went to the user who came first", anns)
	}
}

// A user's urgent job goes before the user's own others.
func TestPriorityWithinAUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 30 {
		w.submit("ann")
	}
	high := w.submit("ann", field("priority", "high"))
	if p := w.position("ann", high); p != 1.0 {
		t.Errorf("at %v", p)
	}
}

func TestPriorityIsBoundedAndChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for value, want := range map[string]string{"urgent": "videos.priority_not_allowed", "tremendous": "request.invalid"} {
		a := w.post("ann", field("priority", value), file("film.mp4", video("")))
		if code, _ := a.at(t, "code").(string); a.status != http.StatusForbidden && a.status != http.StatusUnprocessableEntity || value == "urgent" && code != want {
			t.Errorf("%s: %d %s", value, a.status, a.body)
		}
	}
	if len(w.keys()) != 0 {
		t.Errorf("refused uploads are kept: %v", w.keys())
	}
	w.admins = []string{"root"}
	if p := w.position("root", w.submit("root", field("priority", "urgent"))); p != 1.0 {
		t.Errorf("the urgent job of an administrator is at %v", p)
	}
}

// Limits hold exactly although workers claim at the same time, and do not keep other users' jobs back.
func TestRunningLimits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db, func(c *videos.Config) { c.MaxRunning, c.UserRunning = 5, 2 })
		for i := range 8 {
			w.submit("ann")
			if i < 2 {
				w.submit("bob")
				w.submit("cid")
			}
		}
		var mu sync.Mutex
		owners := map[string]int{}
		var leases []videos.Lease
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				claims, err := w.queue.Claim(t.Context(), fmt.Sprint("w", i), 3)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, c := range claims {
					owners[c.UserID]++
					leases = append(leases, c.Lease)
				}
			})
		}
		wg.Wait()
		if len(leases) != 5 || max(owners["ann"], owners["bob"], owners["cid"]) != 2 {
			t.Fatalf("run: %v, want five jobs and at most two of a user", owners)
		}
		w.must(w.queue.Release(t.Context(), leases[0]))
		if claims, err := w.queue.Claim(t.Context(), "w", 3); err != nil || len(claims) != 1 {
			t.Errorf("a free place gave %d claims: %v", len(claims), err)
		}
	})
}

// A worker leaves alone what a newer program has asked for in words it does not know.
func TestNewerParametersAreLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.db.Exec("UPDATE jobs SET params_version = 2 WHERE id = ?", w.submit("ann")).Error)
	if claims, err := w.queue.Claim(t.Context(), "w", 1); err != nil || len(claims) != 0 {
		t.Errorf("claimed %v %v", claims, err)
	}
}
