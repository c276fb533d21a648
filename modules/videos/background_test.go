package videos_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/fault"
)

// deaf is a bus that refuses as often as it is told and keeps the rest.
type deaf struct {
	refuse   int
	messages []bus.Message
}

func (d *deaf) Publish(_ context.Context, messages ...bus.Message) error {
	if d.refuse > 0 {
		d.refuse--
		return fault.New(fault.Unavailable, "bus.down", "The bus does not answer.")
	}
	d.messages = append(d.messages, messages...)
	return nil
}

func (d *deaf) Consume(ctx context.Context, _ string, _ []string, _ bus.Handler) error {
	<-ctx.Done()
	return nil
}

func (d *deaf) types() []string {
	var types []string
	for _, m := range d.messages {
		types = append(types, m.Headers["event_type"])
	}
	return types
}

// withBus is a module on the world's tables that speaks to another bus.
func (w *world) withBus(b bus.Bus) *videos.Module {
	w.t.Helper()
	m, err := videos.New(videos.DefaultConfig(), videos.Deps{DB: w.db, Blobs: w.blobs, Bus: b, Log: slog.New(slog.DiscardHandler), Now: w.clock.Now})
	w.must(err)
	return m
}

// Events are committed with the state they tell of, wait while the bus is down, and go out once, in order.
func TestOutbox(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		line := &deaf{refuse: 1}
		m := w.withBus(line)
		id := w.submit("ann", field("extraction_fps", "2"))
		c := w.claim("w1")
		w.finish(c, 3)
		if err := m.Relay(t.Context()); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("relay over a dead bus: %v", err)
		}
		w.unlock()
		for range 2 { // the second turn has nothing left to send
			w.must(m.Relay(t.Context()))
		}
		if diff := cmp.Diff([]string{videos.JobSubmitted, videos.JobStarted, videos.JobCompleted}, line.types()); diff != "" {
			t.Fatal(diff)
		}
		for _, msg := range line.messages {
			if msg.Topic != videos.TopicJobs || msg.Key != id || msg.Headers["event_id"] == "" {
				t.Errorf("message %+v", msg)
			}
		}
		var done struct {
			Type  string `json:"event_type"`
			JobID string `json:"job_id"`
			Data  struct {
				Frames int    `json:"frame_count"`
				Path   string `json:"zip_file_path"`
				Status string `json:"status"`
			} `json:"data"`
			Metrics struct {
				Worker string `json:"worker_id"`
			} `json:"metrics"`
		}
		w.must(json.Unmarshal(line.messages[2].Value, &done))
		if done.Type != "job_completed" || done.JobID != id || done.Data.Frames != 3 || done.Data.Path != c.ResultKey || done.Data.Status != "completed" || done.Metrics.Worker != "w1" {
			t.Errorf("payload %s", line.messages[2].Value)
		}
	})
}

// unlock lets the time pass for which a failed relay keeps its events to itself.
func (w *world) unlock() {
	w.t.Helper()
	w.must(w.db.Exec("UPDATE outbox SET locked_until = NULL").Error)
}

func TestCancelledAndFailedJobsAreAnnounced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	line := &deaf{}
	w.do("ann", http.MethodPost, "/jobs/"+w.submit("ann")+"/cancel", nil)
	w.submit("ann")
	w.must(w.queue.Fail(t.Context(), w.claim("w").Lease, videos.Failure{Code: "NO_FRAMES", Message: "No frames."}))
	w.must(w.withBus(line).Relay(t.Context()))
	want := []string{"job_submitted", "job_cancelled", "job_submitted", "job_started", "job_failed"}
	if diff := cmp.Diff(want, line.types()); diff != "" {
		t.Fatal(diff)
	}
	var failed struct {
		Error string `json:"error"`
		Data  struct {
			Code    string `json:"error_code"`
			Retries int    `json:"retry_count"`
		} `json:"data"`
	}
	w.must(json.Unmarshal(line.messages[4].Value, &failed))
	if failed.Error != "No frames." || failed.Data.Code != "NO_FRAMES" {
		t.Errorf("payload %s", line.messages[4].Value)
	}
}

// A submission reaches the bus at once: the commit rings the relay, which does not wait for its turn.
func TestSubmissionKicksTheBus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *videos.Config) { c.RelayInterval = time.Hour })
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	heard := make(chan string, 1)
	wg.Go(func() {
		_ = w.bus.Consume(ctx, "workers", []string{videos.TopicJobs}, func(_ context.Context, m bus.Message) error {
			heard <- m.Key
			return nil
		})
	})
	for _, s := range w.module.Services() {
		wg.Go(func() {
			if err := s.Run(ctx); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		})
	}
	id := w.submit("ann")
	select {
	case key := <-heard:
		if key != id {
			t.Errorf("heard of %s, want %s", key, id)
		}
	case <-time.After(20 * time.Second):
		t.Error("no event")
	}
}

// stubborn is a storage that refuses to delete until it is told to give in.
type stubborn struct {
	blob.Store
	refuse bool
}

func (s *stubborn) Delete(ctx context.Context, key string) (int64, error) {
	if s.refuse {
		return 0, errors.New("storage away")
	}
	return s.Store.Delete(ctx, key)
}

// A deletion that the storage interrupts is over for the user and is finished later.
func TestJanitorFinishesDeletionsAndCleanups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := &stubborn{Store: w.blobs, refuse: true}
	m, err := videos.New(videos.DefaultConfig(), videos.Deps{DB: w.db, Blobs: broken, Bus: w.bus, Log: slog.New(slog.DiscardHandler), Now: w.clock.Now})
	w.must(err)
	kept, gone := w.submit("ann"), w.submit("ann")
	for range 2 {
		c := w.claim("w")
		w.put(c.ResultKey, archive(t, 1))
		w.must(m.Queue().Complete(t.Context(), c.Lease, videos.Result{Key: c.ResultKey, Size: 1, SHA256: "00", Frames: 1}))
	}
	if ok, err := m.Bury(t.Context(), "ann", gone); err != nil || !ok {
		t.Fatalf("bury: %v %v", ok, err)
	}
	if s := w.get("ann", "/jobs/"+gone+"/status").status; s != http.StatusNotFound {
		t.Errorf("a buried job answers %d", s)
	}
	if err := m.Janitor(0).Finish(t.Context()); err == nil || len(w.keys()) != 4 {
		t.Errorf("with a broken storage: %v, %v", err, w.keys())
	}
	broken.refuse = false
	w.must(m.Janitor(0).Finish(t.Context()))
	if keys := w.keys(); len(keys) != 1 || keys[0] != "results/ann/"+kept+"/1.zip" {
		t.Errorf("storage holds %v, want the archive of %s only", keys, kept)
	}
	var rows int
	w.must(w.db.Raw("SELECT COUNT(*) FROM jobs").Scan(&rows).Error)
	if rows != 1 {
		t.Errorf("%d rows, want 1", rows)
	}
}

func TestRetentionDeletesEndedJobsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.submit("ann")
	w.finish(w.claim("w"), 1)
	waiting := w.submit("ann")
	w.clock.advance(31 * 24 * time.Hour)
	w.must(w.module.Janitor(0).Finish(t.Context()))
	if n := w.get("ann", "/jobs").at(t, "data.pagination.total_count"); n != 2.0 {
		t.Errorf("without a retention %v jobs are left, want 2", n)
	}
	w.must(w.module.Janitor(30 * 24 * time.Hour).Finish(t.Context()))
	list := w.get("ann", "/jobs")
	if list.at(t, "data.pagination.total_count") != 1.0 || w.status("ann", waiting) != "pending" || len(w.keys()) != 1 {
		t.Errorf("left %s and %v", list.body, w.keys())
	}
}

// Files that no row refers to go, once they are old; those of rows and of running attempts stay whatever their age.
func TestSweepRemovesOrphansOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		id := w.submit("ann")
		c := w.claim("w")
		w.must(w.queue.Release(t.Context(), c.Lease))
		lost := c.ResultKey
		w.put(lost, []byte("of a lost attempt"))
		c = w.claim("w")
		w.put(c.ResultKey, []byte("of the running attempt"))
		w.put("videos/ann/00000000-0000-4000-8000-000000000000.mp4", []byte("of a dead process"))
		w.put("results/ann/11111111-1111-4111-8111-111111111111/1.zip", []byte("of no job"))
		w.put("results/readme.txt", []byte("not ours"))
		all := w.keys()
		w.must(w.module.Janitor(0).Sweep(t.Context()))
		if diff := cmp.Diff(all, w.keys()); diff == "" {
			// The injected clock is years ahead of the files, so all are old; none gone means that nothing was swept.
			t.Error("nothing was swept")
		}
		keys := w.keys()
		if len(keys) != 3 || !slices.Contains(keys, c.ResultKey) || !slices.Contains(keys, "results/readme.txt") || slices.Contains(keys, lost) {
			t.Errorf("left %v", keys)
		}
		w.must(w.queue.Complete(t.Context(), c.Lease, videos.Result{Key: c.ResultKey, Size: 1, SHA256: "00", Frames: 1}))
		w.must(w.module.Janitor(0).Sweep(t.Context()))
		if !slices.Contains(w.keys(), c.ResultKey) || w.status("ann", id) != "completed" {
			t.Errorf("the result was swept: %v", w.keys())
		}
	})
}
