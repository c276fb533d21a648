package videos_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// Every option of the form reaches the worker, and on every database comes back as it was.
func TestOptionsReachTheWorker(t *testing.T) {
	t.Parallel()
	end := 4.5
	plain := func(p videos.Params) videos.Params {
		p.Format, p.Quality, p.Manifest = "png", 95, true
		return p
	}
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		for _, c := range []struct {
			fields map[string]string
			want   videos.Params
		}{
			{nil, plain(videos.Params{FPS: 1})},
			{map[string]string{"keyframes_only": "false"}, plain(videos.Params{FPS: 1})},
			{map[string]string{"every": "10"}, plain(videos.Params{Every: 10})},
			{map[string]string{"timestamps": "0:00:04, 1.25\n0:00.5 2, 2"}, plain(videos.Params{Times: []float64{0.5, 1.25, 2, 2, 4}})},
			{map[string]string{"keyframes_only": "yes"}, plain(videos.Params{Keyframes: true})},
			{map[string]string{"scene_threshold": "0.3"}, plain(videos.Params{Scene: 0.3})},
			{map[string]string{
				"extraction_fps": "2", "output_format": "webp", "quality": "80", "start_time": "1", "end_time": "4.5", "crop": "0, 20,320,200",
				"width": "160", "dedupe": "6", "keep_hdr": "on", "contact_sheet": "1", "storyboard": "true", "name_template": "shot_{n:04}_{hms}",
				"include_manifest": "no",
			}, videos.Params{
				FPS: 2, Format: "webp", Quality: 80, Start: 1, End: &end, Crop: &videos.Rect{Y: 20, W: 320, H: 200}, Width: 160,
				Dedupe: 6, NoTone: true, ContactSheet: true, Storyboard: true, NameTemplate: "shot_{n:04}_{hms}",
			}},
		} {
			var parts []part
			for name, value := range c.fields {
				parts = append(parts, field(name, value))
			}
			w.submit("ann", parts...)
			if diff := cmp.Diff(c.want, w.claim("w").Params); diff != "" {
				t.Errorf("%v: %s", c.fields, diff)
			}
		}
	})
}

func TestSelectionsExcludeEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	film := file("a.mp4", video(""))
	for _, c := range []struct {
		parts []part
		names []string
	}{
		{[]part{field("extraction_fps", "1"), field("every", "5"), film}, []string{"extraction_fps", "every"}},
		{[]part{field("every", "5"), film, field("keyframes_only", "true")}, []string{"every", "keyframes_only"}},
		{[]part{film, field("timestamps", "1"), field("scene_threshold", "0.4")}, []string{"timestamps", "scene_threshold"}},
	} {
		a := w.post("ann", c.parts...)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d %s", c.names, a.status, a.body)
			continue
		}
		var named []string
		for _, e := range a.at(t, "errors").([]any) {
			named = append(named, e.(map[string]any)["field"].(string))
		}
		if diff := cmp.Diff(c.names, named); diff != "" {
			t.Error(diff)
		}
	}
	if keys := w.keys(); len(keys) != 0 {
		t.Errorf("left %v", keys)
	}
}

func TestTimestampsHaveALimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := func(n int) part {
		words := make([]string, n)
		for i := range words {
			words[i] = fmt.Sprintf("%d.%03d", i/5000, i%1000)
		}
		return field("timestamps", strings.Join(words, ","))
	}
	w.submit("ann", list(10_000))
	if n := len(w.claim("w").Params.Times); n != 10_000 {
		t.Errorf("%d instants arrived", n)
	}
	if a := w.post("ann", list(10_001), file("a.mp4", video(""))); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), "at most 10000 instants") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.post("ann", field("timestamps", "5,6"), file("a.mp4", video(""))); a.at(t, "code") != "videos.start_beyond_end" {
		t.Errorf("all beyond the end: %d %s", a.status, a.body)
	}
}

func TestEstimatesOfOtherSelections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		field part
		want  any
	}{
		{field("every", "10"), 13.0}, {field("timestamps", "1,2,9"), 2.0}, {field("keyframes_only", "true"), nil}, {field("scene_threshold", "0.5"), nil},
	} {
		a := w.post("ann", c.field, file("a.mp4", video("")))
		if got := a.at(t, "data.job.estimated_frames"); got != c.want || a.at(t, "data.video_info.extraction_fps") != nil {
			t.Errorf("%s: %s, want %v pictures and no rate", c.field.name, a.body, c.want)
		}
		s := w.get("ann", "/jobs/"+a.at(t, "data.job.id").(string)+"/status")
		if s.at(t, "data.job.extraction_fps") != nil || s.at(t, "data.results.estimated_frames") != c.want {
			t.Errorf("%s: status %s", c.field.name, s.body)
		}
	}
}

func TestPreferencesFillOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.putPreferences("ann", `{"processing":{"default_format":"webp","dedupe":4,"keep_hdr":true,"contact_sheet":true,"storyboard":true,"name_template":"{t}"}}`)
	if a.status != http.StatusOK {
		t.Fatalf("put: %d %s", a.status, a.body)
	}
	w.submit("ann")
	want := videos.Params{FPS: 1, Format: "webp", Quality: 95, Dedupe: 4, NoTone: true, ContactSheet: true, Storyboard: true, NameTemplate: "{t}", Manifest: true}
	if diff := cmp.Diff(want, w.claim("w").Params); diff != "" {
		t.Error(diff)
	}
	w.submit("ann", field("every", "2"), field("output_format", "png"), field("dedupe", "0"), field("keep_hdr", "false"),
		field("contact_sheet", "no"), field("storyboard", "0"), field("name_template", "{n}"))
	want = videos.Params{Every: 2, Format: "png", Quality: 95, NameTemplate: "{n}", Manifest: true}
	if diff := cmp.Diff(want, w.claim("w").Params); diff != "" {
		t.Errorf("given fields: %s", diff)
	}
	for body, path := range map[string]string{
		`{"processing":{"default_format":"gif"}}`: "processing.default_format", `{"processing":{"dedupe":33}}`: "processing.dedupe",
		`{"processing":{"storyboard":1}}`: "processing.storyboard", `{"processing":{"name_template":"frame"}}`: "processing.name_template",
		`{"processing":{"name_template":7}}`: "processing.name_template",
	} {
		if a := w.putPreferences("ann", body); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `"field":"`+path+`"`) {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
}

// A result that is not the whole film says so wherever the job is shown.
func TestPartialResultsSaySo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		at := 3.25
		for _, c := range []struct {
			result videos.Result
			want   map[string]any
		}{
			{videos.Result{}, map[string]any{"partial": false, "partial_reason": nil, "damaged_at": nil, "truncated": false}},
			{videos.Result{Truncated: true}, map[string]any{"partial": false, "partial_reason": nil, "damaged_at": nil, "truncated": true}},
			{
				videos.Result{Partial: "It is cut short.", DamagedAt: &at},
				map[string]any{"partial": true, "partial_reason": "It is cut short.", "damaged_at": at, "truncated": false},
			},
		} {
			id := w.submit("ann")
			claim := w.claim("w")
			r := c.result
			r.Key, r.Size, r.SHA256, r.Frames = claim.ResultKey, 1, "00", 3
			w.must(w.queue.Complete(t.Context(), claim.Lease, r))
			s := w.get("ann", "/jobs/"+id+"/status")
			listed := w.get("ann", "/jobs").at(t, "data.jobs").([]any)[0].(map[string]any)
			for name, want := range c.want {
				if got := s.at(t, "data.results."+name); got != want {
					t.Errorf("status: %s is %v, want %v", name, got, want)
				}
				if listed[name] != want {
					t.Errorf("list: %s is %v, want %v", name, listed[name], want)
				}
			}
			if s.at(t, "data.job.status") != "completed" || s.at(t, "data.results.warning") != c.want["partial_reason"] {
				t.Errorf("status: %s", s.body)
			}
			w.clock.advance(1e9) // the newest is listed first
		}
	})
}
