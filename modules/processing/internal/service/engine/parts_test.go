//go:build cgo

package engine_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// In parts a film gives what it gives as a whole: the same bytes, numbers, instants and source frames in the same order, in
// every container and with every structure of references, however it is asked for.
func TestPartsAreTheWhole(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	end := 4.3
	asked := []engine.Params{
		{FPS: 7, Format: engine.JPEG, Threads: 2},
		{FPS: 2.5, Start: 0.7, End: &end, Format: engine.PNG, Thumb: 16, Threads: 1},
		{FPS: 55, Format: engine.JPEG, Width: 64, Threads: 2},
		{Every: 4, Format: engine.JPEG, MaxFrames: 30, Threads: 1},
		{Keyframes: true, Format: engine.PNG, Threads: 1},
		{Times: []float64{0, 0.5, 0.5, 1.7, 3, 4.9}, Format: engine.JPEG, Threads: 1},
	}
	divided := map[int]bool{}
	for n, c := range clips() {
		if !slices.Contains([]string{
			"h264_opengop.mkv", "h264_vfr.mp4", "h264_ts.ts", "hevc_opengop.mp4", "vp9.webm", "editlist.mp4",
		}, c.name) {
			continue
		}
		path := c.build(t)
		for i, p := range asked {
			if (i+n)%2 == 0 && inParts(t, fmt.Sprintf("%s, parameters %d", c.name, i), path, p) {
				divided[i] = true
			}
		}
	}
	if len(divided) != len(asked) {
		t.Errorf("only %v were divided", divided)
	}
}

func inParts(t *testing.T, name, path string, p engine.Params) (divided bool) {
	t.Helper()
	want, report := all(t, path, p)
	d, err := engine.Divide(t.Context(), open(t, path), p, engine.Limits{}, engine.Share{Most: 4})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(d.Cuts) == 0 {
		return false
	}
	if d.Frames != len(want) || !reflect.DeepEqual(d.Info, report.Info) {
		t.Errorf("%s: division %+v, want %d images of %+v", name, d, len(want), report.Info)
	}
	bounds := append(append([]int{0}, d.Cuts...), d.Frames)
	var got []engine.Image
	for i := range len(bounds) - 1 {
		p.From, p.To = bounds[i], bounds[i+1]
		images, part := all(t, path, p)
		if part.Frames != p.To-p.From || part.Truncated != report.Truncated || part.DamagedAt != nil || part.Toned != report.Toned {
			t.Errorf("%s: part %d to %d: %+v", name, p.From, p.To, part)
		}
		got = append(got, images...)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s, cut at %v: %d images, not the %d of the whole", name, d.Cuts, len(got), len(want))
	}
	return true
}

// What might not come out the same in parts is done as a whole, and a part that runs into damage gives nothing.
func TestDoubtfulFilmsAreNotDivided(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "clip.mp4", make: lavfi("testsrc2=s=320x180:r=30:d=8", "-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-pix_fmt", "yuv420p")}.build(t)
	share := engine.Share{Most: 4}
	p := engine.Params{FPS: 2, Format: engine.JPEG}
	d, err := engine.Divide(t.Context(), open(t, path), p, engine.Limits{}, share)
	if err != nil || len(d.Cuts) != 3 {
		t.Fatalf("%+v %v", d, err)
	}
	for name, p := range map[string]engine.Params{
		"scenes": {Scene: 0.3, Format: engine.JPEG}, "near-duplicates": {FPS: 2, Dedupe: 4, Format: engine.JPEG},
	} {
		if d, err := engine.Divide(t.Context(), open(t, path), p, engine.Limits{}, share); err != nil || len(d.Cuts) > 0 {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
	if d, err := engine.Divide(t.Context(), open(t, path), engine.Params{FPS: 300, Format: engine.JPEG}, engine.Limits{Repeats: 5}, share); err != nil || len(d.Cuts) > 0 {
		t.Errorf("more repeats than allowed: %+v %v", d, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[len(data)/2:], make([]byte, 4000))
	damaged := write(t, "damaged.mp4", data)
	none := func(engine.Image) error { return nil }
	sick := 0
	for _, from := range []int{0, 4, 8, 12} {
		p.From, p.To = from, from+4
		if _, err := engine.Extract(t.Context(), open(t, damaged), p, engine.Limits{}, nil, none); errors.Is(err, engine.ErrWhole) {
			sick++
		} else if err != nil {
			t.Errorf("part from %d: %v", from, err)
		}
	}
	if sick == 0 {
		t.Error("no part has noticed the damage")
	}
	p.From, p.To = 12, 17
	if _, err := engine.Extract(t.Context(), open(t, path), p, engine.Limits{}, nil, none); !errors.Is(err, engine.ErrWhole) {
		t.Errorf("a part beyond the film: %v", err)
	}
}
