package videos_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlanTellsWhatAnExtractionGives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.submit("ann", field("extraction_fps", "4"))
	want := map[string]any{
		"job_id": id, "frames": 20.0, "exact": true, "truncated": false, "estimated_bytes": float64(len(video(""))), "estimated_seconds": 0.0,
		"packets": 125.0, "packets_to_decode": 25.0, "instants": []any{},
		"video_info": map[string]any{"duration": 5.0, "frame_rate": 25.0, "width": 320.0, "height": 240.0, "codec": "h264", "container": "mov,mp4"},
	}
	if diff := cmp.Diff(want, w.get("ann", "/jobs/"+id+"/plan").json(t)); diff != "" {
		t.Errorf("the job's own parameters: %s", diff)
	}
	for query, want := range map[string]map[string]any{
		"extraction_fps=2":                      {"frames": 10.0},
		"dedupe=3":                              {"frames": 20.0, "exact": false},
		"every=5":                               {"frames": 0.0, "truncated": true},
		"timestamps=3,0:01&include_manifest=no": {"frames": 0.0, "instants": []any{1.0, 3.0}},
		"scene_threshold=0.25":                  {"frames": 0.0, "estimated_seconds": 0.25},
	} {
		got := w.get("ann", "/jobs/"+id+"/plan?"+query).json(t)
		for name, value := range want {
			if diff := cmp.Diff(value, got[name]); diff != "" {
				t.Errorf("%s: %s: %s", query, name, diff)
			}
		}
	}
	if s := w.status("ann", id); s != "pending" {
		t.Errorf("planning made the job %s", s)
	}
}

func TestPlanRefusesWrongParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.submit("ann")
	for query, want := range map[string]struct {
		status int
		code   string
	}{
		"extraction_fps=61":                 {422, "request.invalid_field"},
		"every=0":                           {422, "request.invalid_field"},
		"every=2&keyframes_only=true":       {422, "request.invalid_field"},
		"timestamps=soon":                   {422, "request.invalid_field"},
		"crop=0,0,400,10":                   {422, "request.invalid_field"},
		"output_format=gif":                 {422, "request.invalid_field"},
		"name_template=frame":               {422, "request.invalid_field"},
		"start_time=9":                      {400, "videos.start_beyond_end"},
		"start_time=3&end_time=2":           {400, "videos.end_before_start"},
		"keyframes_only=maybe":              {422, "request.invalid_field"},
		"dedupe=99&quality=0&storyboard=no": {422, "request.invalid_field"},
	} {
		a := w.get("ann", "/jobs/"+id+"/plan?"+query)
		if a.status != want.status || a.at(t, "code") != want.code {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

// The video goes once its frames are there, unless its owner keeps it; without it there is nothing to plan with.
func TestPlanOfAVideoThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	removed := w.submit("ann")
	w.finish(w.claim("w"), 1)
	lost := w.submit("ann")
	_, err := w.blobs.Delete(t.Context(), w.claim("w").SourceKey)
	w.must(err)
	for _, id := range []string{removed, lost} {
		if a := w.get("ann", "/jobs/"+id+"/plan"); a.status != http.StatusGone || a.at(t, "code") != "videos.source_gone" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if a := w.putPreferences("ann", `{"processing":{"auto_cleanup":false}}`); a.status != http.StatusOK {
		t.Fatal(a.status)
	}
	kept := w.submit("ann")
	w.finish(w.claim("w"), 1)
	if a := w.get("ann", "/jobs/"+kept+"/plan"); a.status != http.StatusOK {
		t.Errorf("a kept video: %d %s", a.status, a.body)
	}
}
