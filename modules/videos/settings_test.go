package videos_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

func (w *world) putPreferences(user, body string) answer {
	w.t.Helper()
	return w.do(user, http.MethodPut, "/user/preferences", strings.NewReader(body), "Content-Type", "application/json")
}

func TestPreferencesMergeAndDefaults(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		check := func(want string) {
			t.Helper()
			var expected map[string]any
			w.must(json.Unmarshal([]byte(want), &expected))
			if diff := cmp.Diff(expected, w.get("ann", "/user/preferences").json(t)); diff != "" {
				t.Error(diff)
			}
		}
		check(`{"notifications":{"email_enabled":true,"job_completion":true,"job_failure":true},
			"processing":{"default_quality":95,"default_fps":1,"auto_cleanup":true,"max_frames":null}}`)
		for _, body := range []string{
			`{"processing":{"default_fps":2.5},"theme":{"dark":true,"big":12345678901234567890}}`,
			`{"processing":{"max_frames":10},"notifications":{"email_enabled":false}}`,
			`{"processing":{"default_fps":null},"theme":{"dark":null}}`,
			`{}`,
		} {
			if a := w.putPreferences("ann", body); a.status != http.StatusOK || a.at(t, "message") != "Processing preferences updated successfully" {
				t.Fatalf("%s: %d %s", body, a.status, a.body)
			}
		}
		check(`{"notifications":{"email_enabled":false,"job_completion":true,"job_failure":true},"theme":{"big":12345678901234567890},
			"processing":{"default_quality":95,"default_fps":1,"auto_cleanup":true,"max_frames":10}}`)
		if raw := w.get("ann", "/user/preferences").body; !strings.Contains(string(raw), "12345678901234567890") {
			t.Errorf("an unknown number lost digits: %s", raw)
		}
	})
}

func TestPreferencesRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]struct {
		status int
		field  string
	}{
		`{"processing":{"default_fps":61}}`:                       {422, "processing.default_fps"},
		`{"processing":{"default_fps":"fast"}}`:                   {422, "processing.default_fps"},
		`{"processing":{"default_quality":0}}`:                    {422, "processing.default_quality"},
		`{"processing":{"default_quality":1.5}}`:                  {422, "processing.default_quality"},
		`{"processing":{"max_frames":0}}`:                         {422, "processing.max_frames"},
		`{"processing":{"auto_cleanup":"yes"}}`:                   {422, "processing.auto_cleanup"},
		`{"notifications":{"email_enabled":1}}`:                   {422, "notifications.email_enabled"},
		`{"notifications":{"job_progress":1}}`:                    {422, "notifications.job_progress"},
		`{"processing":7}`:                                        {422, "processing"},
		`[]`:                                                      {422, ""},
		`{"a":`:                                                   {422, ""},
		`{"a":"` + strings.Repeat("x", 17000) + `"}`:              {413, ""},
		`{"processing":{"default_fps":2,"default_quality":1000}}`: {422, "processing.default_quality"},
	} {
		a := w.putPreferences("ann", body)
		if a.status != want.status {
			t.Errorf("%.60s: %d %s", body, a.status, a.body)
		}
		if want.field != "" && !strings.Contains(string(a.body), `"field":"`+want.field+`"`) {
			t.Errorf("%.60s: %s does not name %s", body, a.body, want.field)
		}
	}
	// Small changes may not add up to more than is allowed either.
	half := func(key string) answer {
		return w.putPreferences("ann", `{"`+key+`":"`+strings.Repeat("x", 9000)+`"}`)
	}
	if first, second := half("a"), half("b"); first.status != http.StatusOK || second.status != http.StatusRequestEntityTooLarge {
		t.Errorf("halves: %d, %d", first.status, second.status)
	}
}

// Two clients that change different keys at once both keep theirs.
func TestPreferencesConcurrentChangesAreNotLost(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if a := w.putPreferences("ann", fmt.Sprintf(`{"k%d":true}`, i)); a.status != http.StatusOK {
					t.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		wg.Wait()
		got := w.get("ann", "/user/preferences").json(t)
		for i := range 8 {
			if got[fmt.Sprint("k", i)] != true {
				t.Errorf("k%d was lost: %v", i, got)
			}
		}
	})
}

func TestHealthAndStatsTellTheTruth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *videos.Config) { c.MaxFileSizeMB = 7; c.JobTimeout = 5 * time.Minute })
	h := w.get("", "/system/health")
	if h.at(t, "status") != "healthy" || h.at(t, "processing_capacity.max_concurrent_jobs") != 0.0 || h.at(t, "max_file_size_mb") != 7.0 ||
		h.at(t, "max_processing_time_minutes") != 5.0 || h.at(t, "version") != "1.2.3" {
		t.Errorf("health of an idle system: %s", h.body)
	}
	for range 4 {
		w.submit("ann")
	}
	w.clock.advance(2 * time.Second)
	for id, slots := range map[string]int{"w1": 2, "w2": 1} {
		w.must(w.queue.Report(t.Context(), videos.WorkerReport{ID: id, State: videos.WorkerWorking, Capacity: slots}))
	}
	claims, err := w.queue.Claim(t.Context(), "w1", 2)
	w.must(err)
	_, err = w.queue.Claim(t.Context(), "w2", 1)
	w.must(err)
	w.clock.advance(4 * time.Second)
	w.finish(claims[0], 10)
	w.must(w.queue.Fail(t.Context(), claims[1].Lease, videos.Failure{Code: "NO_FRAMES", Message: "No frames."}))
	h = w.get("", "/system/health")
	if h.at(t, "processing_capacity.max_concurrent_jobs") != 3.0 || h.at(t, "processing_capacity.active_jobs") != 1.0 || h.at(t, "processing_capacity.queue_length") != 1.0 {
		t.Errorf("health: %s", h.body)
	}
	w.checkStats(t)
	w.clock.advance(2 * time.Minute) // no sign of the workers for longer than they may be silent
	if n := w.get("", "/system/health").at(t, "processing_capacity.max_concurrent_jobs"); n != 0.0 {
		t.Errorf("dead workers still count for %v", n)
	}
	w.must(database.Close(w.db))
	if h := w.get("", "/system/health"); h.status != http.StatusOK || h.at(t, "status") != "degraded" || h.at(t, "dependencies.database.healthy") != false {
		t.Errorf("health without a database: %d %s", h.status, h.body)
	}
}

func (w *world) checkStats(t *testing.T) {
	t.Helper()
	s := w.get("bob", "/system/stats")
	for path, want := range map[string]any{
		"processing_stats.jobs_processed_today": 1.0, "processing_stats.total_frames_extracted": 10.0,
		"processing_stats.average_processing_time": 4.0, "processing_stats.success_rate": 50.0,
		"queue_stats.pending_jobs": 1.0, "queue_stats.processing_jobs": 1.0, "queue_stats.average_wait_time": 2.0,
		"system_resources.available_workers": 2.0,
	} {
		if got := s.at(t, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	for _, path := range []string{"cpu_usage", "memory_usage", "disk_usage"} {
		v, ok := s.at(t, "system_resources."+path).(float64)
		if !ok || v < 0 || v > 100 {
			t.Errorf("%s is %v", path, v)
		}
	}
}

func TestListPagesAndFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []string
	for range 5 {
		ids = append(ids, w.submit("ann"))
		w.clock.advance(time.Second)
	}
	w.submit("bob")
	page := w.get("ann", "/jobs?skip=2&limit=2")
	jobs := page.at(t, "data.jobs").([]any)
	if len(jobs) != 2 || jobs[0].(map[string]any)["id"] != ids[2] || jobs[1].(map[string]any)["id"] != ids[1] {
		t.Errorf("page: %s", page.body)
	}
	want := map[string]any{"total_count": 5.0, "skip": 2.0, "limit": 2.0, "has_next": true, "has_previous": true, "total_pages": 3.0, "current_page": 2.0}
	if diff := cmp.Diff(want, page.at(t, "data.pagination")); diff != "" {
		t.Error(diff)
	}
	if n := w.get("ann", "/jobs?limit=5000").at(t, "data.pagination.limit"); n != 100.0 {
		t.Errorf("limit %v, want 100", n)
	}
	if empty := w.get("eve", "/jobs"); empty.at(t, "data.pagination.total_pages") != 0.0 || len(empty.at(t, "data.jobs").([]any)) != 0 {
		t.Errorf("no jobs: %s", empty.body)
	}
	for query, status := range map[string]int{
		"limit=0": 422, "limit=-1": 422, "skip=-1": 422, "limit=x": 422, "status_filter=done": 400, "status_filter=Pending": 200,
		"skip=99999999999999999999": 422,
	} {
		if a := w.get("ann", "/jobs?"+query); a.status != status {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

func TestDeleteTellsWhatItFreed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.submit("ann")
	source := w.keys()[0]
	kept := w.do("ann", http.MethodDelete, "/jobs/"+id+"?delete_files=no", nil)
	if kept.status != http.StatusOK || kept.at(t, "data.cleanup_summary.files_removed_count") != 0.0 || len(w.keys()) != 1 {
		t.Errorf("keeping files: %d %s", kept.status, kept.body)
	}
	if a := w.do("ann", http.MethodDelete, "/jobs/"+id, nil); a.status != http.StatusNotFound {
		t.Errorf("second delete: %d", a.status)
	}
	big := append(video(""), make([]byte, 3<<20)...)
	id = w.post("ann", file("a.mp4", big)).at(t, "data.job.id").(string)
	gone := w.do("ann", http.MethodDelete, "/jobs/"+id+"?delete_files=TRUE", nil)
	files := gone.at(t, "data.files_deleted").([]any)
	if len(files) != 1 || strings.HasPrefix(files[0].(string), "/") || gone.at(t, "data.cleanup_summary.storage_freed_mb") != 3.0 {
		t.Errorf("delete: %s", gone.body)
	}
	if a := w.do("ann", http.MethodDelete, "/jobs/"+id+"?delete_files=perhaps", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a bad flag: %d", a.status)
	}
	w.must(w.module.Janitor(0).Sweep(t.Context()))
	if keys := w.keys(); len(keys) != 0 {
		t.Errorf("%s was kept for the sweep, but %v is left after it", source, keys)
	}
}
