package videos_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// registry knows which accounts are closed.
type registry struct {
	closed []string
	err    error
}

func (r *registry) Closed(context.Context) ([]string, error) {
	digests := []string{}
	for _, id := range r.closed {
		digests = append(digests, authn.AccountDigest(id))
	}
	return digests, r.err
}

func (w *world) rows(table, user string) (n int64) {
	w.t.Helper()
	w.must(w.db.Table(table).Where("user_id = ?", user).Count(&n).Error)
	return n
}

func TestJobsOfClosedAccountsGo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		w.submit("ann")
		w.finish(w.claim("w1"), 3)
		w.submit("ann")
		running := w.claim("w1")
		w.submit("ann")
		w.putPreferences("ann", `{"processing":{"default_fps":3}}`)
		kept := w.submit("bob")
		w.putPreferences("bob", `{"processing":{"default_fps":3}}`)

		accounts := &registry{closed: []string{"ann", "nobody"}}
		departed := w.module.DepartedFrom(accounts)
		w.must(departed.Round(t.Context()))
		if n := w.visible("ann"); n != 0 {
			t.Errorf("%d jobs are still seen", n)
		}
		if stop, err := w.queue.Renew(t.Context(), running.Lease, videos.Progress{Percent: 40}); err != nil || !stop {
			t.Errorf("the worker goes on: %v", err)
		}
		if c := w.claim("w2"); c.Lease.JobID != kept {
			t.Errorf("job %s was claimed, want %s of the other user", c.Lease.JobID, kept)
		}
		w.must(w.module.Janitor(0).Finish(t.Context()))
		if w.rows("jobs", "ann") != 0 || w.rows("preferences", "ann") != 0 || w.rows("preferences", "bob") != 1 || len(w.keys()) != 1 {
			t.Errorf("left: %d jobs, %d preferences, files %v", w.rows("jobs", "ann"), w.rows("preferences", "ann"), w.keys())
		}

		late := w.submit("ann") // an upload that was under way
		w.must(departed.Round(t.Context()))
		if w.status("ann", late) != "pending" {
			t.Error("owners are looked for in every round")
		}
		w.clock.advance(16 * time.Minute)
		w.must(departed.Round(t.Context()))
		w.must(w.module.Janitor(0).Finish(t.Context()))
		if w.rows("jobs", "ann") != 0 || w.rows("jobs", "bob") != 1 {
			t.Error("what came late is still there")
		}
	})
}

// A process may die at any point of the deletion: the next one finds what is left and loses nothing of anybody else's.
func TestDeparturesGoOnAfterACrash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const jobs = 5
	for range jobs {
		w.submit("ann")
		w.finish(w.claim("w1"), 1)
	}
	w.submit("bob")
	accounts := &registry{closed: []string{"ann"}, err: errors.New("auth is away")}
	if err := w.module.DepartedFrom(accounts).Round(t.Context()); !errors.Is(err, accounts.err) || w.rows("jobs", "ann") != jobs {
		t.Fatalf("without an answer of auth: %v, %d jobs", err, w.rows("jobs", "ann"))
	}
	accounts.err = nil

	// It dies after two jobs, then with all of them hidden, then at each file, with a file gone and its row still there.
	n, err := w.module.EvictSome(t.Context(), "ann", 2)
	w.must(err)
	if n != 2 || w.visible("ann") != jobs-2 {
		t.Fatalf("%d jobs evicted, %d left", n, w.visible("ann"))
	}
	w.must(w.module.DepartedFrom(accounts).Round(t.Context()))
	if w.visible("ann") != 0 || w.rows("jobs", "ann") != jobs {
		t.Fatalf("%d jobs seen, %d rows", w.visible("ann"), w.rows("jobs", "ann"))
	}
	for died := range 2 * jobs {
		ctx, die := context.WithCancel(t.Context())
		janitor := w.module.Janitor(0)
		janitor.Storage = &mortal{Storage: janitor.Storage, left: died, die: die}
		if err := janitor.Finish(ctx); err == nil && w.rows("jobs", "ann") > 0 {
			t.Fatal("a janitor that died says that all is well")
		}
		die()
	}
	w.must(w.module.Janitor(0).Finish(t.Context()))
	if w.rows("jobs", "ann") != 0 || len(w.keys()) != 1 || w.visible("bob") != 1 {
		t.Errorf("left: %d jobs, files %v", w.rows("jobs", "ann"), w.keys())
	}
}

func (w *world) visible(user string) int {
	w.t.Helper()
	return len(w.get(user, "/jobs").at(w.t, "data.jobs").([]any))
}

// mortal is a storage whose process dies right after a deletion, so that what follows in memory never happens.
type mortal struct {
	usecase.Storage

	left int
	die  func()
}

func (m *mortal) Delete(ctx context.Context, key string) (int64, error) {
	freed, err := m.Storage.Delete(ctx, key)
	if m.left--; m.left < 0 {
		m.die()
		return 0, errors.New("dead")
	}
	return freed, err
}
