package videos_test

import (
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// A process whose clock is ten minutes off, either way, must neither take over a job that another one holds, nor wait for a job
// that is due, nor hold its own for longer or shorter: PostgreSQL's clock decides.
func TestClocksThatAreWrong(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"fast": 10 * time.Minute, "slow": -10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := dbtest.Postgres(t, "videos")
			right, wrong := newWorldOn(t, db), newWorldOn(t, db)
			wrong.clock.set(time.Now().Add(off))
			right.clock.set(time.Now())
			id := right.submit("ann")
			held := oneClaim(t, right)
			for _, w := range []*world{wrong, right} {
				w.must(w.module.Rescue(t.Context()))
				if claims, err := w.queue.Claim(t.Context(), "other", 5); err != nil || len(claims) > 0 {
					t.Fatalf("a job that is held was claimed: %v %v", claims, err)
				}
			}
			right.must(right.queue.Fail(t.Context(), held.Lease, videos.Failure{Code: "STORAGE", Message: "Away.", Retry: true}))
			dueNow(t, db, id)
			again := oneClaim(t, wrong)
			lasts(t, db, id, time.Minute)
			if _, err := wrong.queue.Renew(t.Context(), again.Lease, videos.Progress{}); err != nil {
				t.Fatal(err)
			}
			lasts(t, db, id, time.Minute)
			wrong.must(wrong.queue.Release(t.Context(), again.Lease))
			if c := oneClaim(t, right); c.Lease.Length != time.Minute {
				t.Errorf("the lease is told to last %v", c.Lease.Length)
			}
			if second := wrong.submit("bob"); oneClaim(t, right).Lease.JobID != second {
				t.Error("another job was claimed than the one that was just submitted")
			}
		})
	}
}

func oneClaim(t *testing.T, w *world) videos.Claim {
	t.Helper()
	claims, err := w.queue.Claim(t.Context(), "worker", 5)
	if err != nil || len(claims) != 1 {
		t.Fatalf("%d jobs claimed, want the one that is due: %v", len(claims), err)
	}
	return claims[0]
}

// dueNow ends the wait of a job before its next attempt, which must be short on the database's clock.
func dueNow(t *testing.T, db *database.DB, id string) {
	t.Helper()
	if wait := seconds(t, db, "run_at", id); wait > 2 || wait < -60 {
		t.Errorf("the next attempt is due in %.1f s, want 2 at most", wait)
	}
	if err := db.Exec("UPDATE jobs SET run_at = clock_timestamp() WHERE id = ?", id).Error; err != nil {
		t.Fatal(err)
	}
}

func lasts(t *testing.T, db *database.DB, id string, length time.Duration) {
	t.Helper()
	if left := seconds(t, db, "lease_until", id); left > length.Seconds() || left < length.Seconds()-30 {
		t.Errorf("the lease ends in %.1f s, want %v", left, length)
	}
}

// seconds is how far away the time in that column is, on the database's clock.
func seconds(t *testing.T, db *database.DB, column, id string) (n float64) {
	t.Helper()
	err := db.Raw("SELECT extract(epoch FROM "+column+" - clock_timestamp()) FROM jobs WHERE id = ?", id).Scan(&n).Error
	if err != nil {
		t.Fatal(err)
	}
	return n
}
