package videos_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// The whole way of a job, on every database: submit, claim, progress, complete, list, frames, download, delete.
func TestJobFromSubmissionToDeletion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		a := w.post("ann", field("extraction_fps", "2"), file("My film.mp4", video("")), field("output_format", "jpg"))
		if a.status != http.StatusCreated {
			t.Fatalf("submit: %d %s", a.status, a.body)
		}
		id := a.at(t, "data.job.id").(string)
		want := map[string]any{
			"id": id, "status": "pending", "queue_position": 1.0, "estimated_processing_time_minutes": 0.17,
			"estimated_frames": 10.0, "created_at": a.at(t, "data.job.created_at"),
		}
		if diff := cmp.Diff(want, a.at(t, "data.job")); diff != "" {
			t.Error(diff)
		}
		if p := a.at(t, "data.job.created_at").(string); !strings.HasSuffix(p, "Z") {
			t.Errorf("created_at %s is not in UTC with Z", p)
		}

		c := w.claim("worker-1")
		if c.Lease.JobID != id || c.Attempt != 1 || c.Params.FPS != 2 || c.Params.Format != "jpg" || !c.Params.Manifest || c.Duration != 5 {
			t.Errorf("claim %+v", c)
		}
		cancelled, err := w.queue.Renew(t.Context(), c.Lease, videos.Progress{Percent: 50, Stage: "Extracting", Frames: 4, Rate: 2, ETA: 3})
		if err != nil || cancelled {
			t.Fatalf("renew: %v %v", cancelled, err)
		}
		p := w.get("ann", "/jobs/"+id+"/progress")
		if p.at(t, "progress_percentage") != 50.0 || p.at(t, "current_stage") != "Extracting" || p.at(t, "worker_id") != "worker-1" {
			t.Errorf("progress: %s", p.body)
		}
		active := w.get("ann", "/jobs/active")
		if active.at(t, "total_active") != 1.0 || active.at(t, "processing_summary.jobs_extracting") != 1.0 {
			t.Errorf("active: %s", active.body)
		}
		w.checkCompleted(t, id, c)
	})
}

func (w *world) checkCompleted(t *testing.T, id string, c videos.Claim) {
	t.Helper()
	w.clock.advance(3 * time.Second)
	raw := w.finish(c, 12)
	s := w.get("ann", "/jobs/"+id+"/status")
	if s.at(t, "data.results.frame_count") != 12.0 || s.at(t, "data.progress.percentage") != 100.0 || s.at(t, "data.results.download_available") != true {
		t.Errorf("status: %s", s.body)
	}
	list := w.get("ann", "/jobs?status_filter=COMPLETED")
	if list.at(t, "data.pagination.total_count") != 1.0 || list.at(t, "data.statistics.total_frames_extracted") != 12.0 || list.at(t, "data.statistics.success_rate") != 100.0 {
		t.Errorf("list: %s", list.body)
	}
	var frames []string
	if err := json.Unmarshal(w.get("ann", "/jobs/"+id+"/frames").body, &frames); err != nil {
		t.Fatal(err)
	}
	if len(frames) != 12 || !slices.IsSorted(frames) || frames[0] != "frame_000001.png" || frames[11] != "frame_000012.png" {
		t.Errorf("frames %v", frames)
	}
	d := w.get("ann", "/jobs/"+id+"/download")
	if d.status != http.StatusOK || !bytes.Equal(d.body, raw) || d.header.Get("X-Frame-Count") != "12" || d.header.Get("X-Job-ID") != id {
		t.Errorf("download: %d, %d bytes, %v", d.status, len(d.body), d.header)
	}
	// auto_cleanup is on by default, so the video went when its frames were there.
	if keys := w.keys(); len(keys) != 1 || keys[0] != c.ResultKey {
		t.Errorf("storage holds %v, want the archive only", keys)
	}
	del := w.do("ann", http.MethodDelete, "/jobs/"+id, nil)
	if del.status != http.StatusOK || del.at(t, "data.cleanup_summary.files_removed_count") != 1.0 {
		t.Errorf("delete: %d %s", del.status, del.body)
	}
	if left := w.keys(); len(left) != 0 {
		t.Errorf("left after the deletion: %v", left)
	}
	if gone := w.get("ann", "/jobs/"+id+"/status"); gone.status != http.StatusNotFound {
		t.Errorf("status after the deletion: %d", gone.status)
	}
}
