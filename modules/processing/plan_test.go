package processing_test

import (
	"archive/zip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/processing"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob/blobtest"
	"github.com/fiapx/fiapx/platform/fault"
)

// What a plan says of the ways to select pictures is what the worker then gives.
func TestPlanIsWhatTheWorkerGives(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", clip(t))
	prober := processing.Prober(processing.DefaultConfig())
	two := 2
	for name, c := range map[string]struct {
		params videos.Params
		want   []float64
	}{
		"fps":        {videos.Params{FPS: 2}, []float64{0, 0.5, 1, 1.5, 2, 2.5}},
		"max_frames": {videos.Params{FPS: 2, MaxFrames: &two}, []float64{0, 0.5}},
		"every":      {videos.Params{Every: 10, Start: 0.5}, []float64{0.5, 1.5, 2.5}},
		"timestamps": {videos.Params{Times: []float64{0.25, 1, 2.9, 50}}, []float64{0.25, 1, 2.9}},
		"keyframes":  {videos.Params{Keyframes: true}, []float64{0}},
	} {
		c.params.Format, c.params.Quality = "webp", 80
		plan, err := prober.Plan(t.Context(), open(t, store, "videos/1"), c.params)
		if err != nil || !plan.Exact || plan.Truncated || plan.Bytes <= 0 || plan.Packets != 30 || plan.Info.Duration != 3 {
			t.Errorf("%s: %+v, %v", name, plan, err)
		}
		if diff := cmp.Diff(c.want, plan.Instants); diff != "" || plan.Frames != int64(len(c.want)) {
			t.Errorf("%s: %d frames at %s", name, plan.Frames, diff)
		}
		claim := job("videos/1", "results/"+name+".zip")
		claim.Params = c.params
		got, ok := work(t, store, claim).(videos.Result)
		if !ok || got.Frames != len(c.want) || got.DamagedAt != nil {
			t.Errorf("%s: ended with %+v", name, got)
		}
	}
}

// Where scenes begin is in the pictures, not in the index.
func TestPlanOfScenesPromisesNothing(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", clip(t))
	plan, err := processing.Prober(processing.DefaultConfig()).Plan(t.Context(), open(t, store, "videos/1"), videos.Params{Scene: 0.3, Format: "png"})
	if err != nil || plan.Exact || len(plan.Instants) > 0 || plan.Decode != 30 {
		t.Errorf("%+v, %v", plan, err)
	}
}

func TestPlanRefusesWhatIsNoVideo(t *testing.T) {
	t.Parallel()
	_ = clip(t) // skips without an engine
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", []byte("no video"))
	_, err := processing.Prober(processing.DefaultConfig()).Plan(t.Context(), open(t, store, "videos/1"), videos.Params{FPS: 1, Format: "png"})
	if fault.From(err).Code != "NOT_A_VIDEO" {
		t.Errorf("%v", err)
	}
}

func TestPlanTellsTheOperatorsLimitFromTheUsers(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", clip(t))
	cfg := processing.DefaultConfig()
	cfg.Limits.Frames = 4
	plan, err := processing.Prober(cfg).Plan(t.Context(), open(t, store, "videos/1"), videos.Params{FPS: 2, Format: "png"})
	if err != nil || plan.Frames != 4 || !plan.Truncated {
		t.Errorf("%+v, %v", plan, err)
	}
}

func TestWorkerMakesEveryProduct(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", clip(t))
	claim := job("videos/1", "results/1.zip")
	claim.Params.Format, claim.Params.Crop = "png", &videos.Rect{X: 8, Y: 8, W: 32, H: 24}
	claim.Params.ContactSheet, claim.Params.Storyboard, claim.Params.NameTemplate = true, true, "at_{t}"
	got, ok := work(t, store, claim).(videos.Result)
	if !ok || got.Frames != 6 {
		t.Fatalf("ended with %+v", got)
	}
	r := open(t, store, "results/1.zip")
	z, err := zip.NewReader(r, r.Info().Size)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	want := "at_00000.000.png at_00000.500.png at_00001.000.png at_00001.500.png at_00002.000.png at_00002.500.png " +
		"contact_sheet.jpg manifest.csv manifest.json storyboard.vtt storyboard_001.jpg"
	if diff := cmp.Diff(want, strings.Join(names, " ")); diff != "" {
		t.Error(diff)
	}
}

// A film that is cut off gives what there is, and says where it ends.
func TestWorkerCompletesADamagedVideo(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	film := clipAs(t, "clip.mkv")
	blobtest.Put(t, store, "videos/1", film[:len(film)*3/5])
	got, ok := work(t, store, job("videos/1", "results/1.zip")).(videos.Result)
	if !ok || got.Frames == 0 || got.Frames >= 6 || got.Partial == "" || got.DamagedAt == nil {
		t.Fatalf("ended with %+v", got)
	}
	if *got.DamagedAt <= 0 || *got.DamagedAt >= 3 {
		t.Errorf("damaged at %v of 3 seconds", *got.DamagedAt)
	}
}
