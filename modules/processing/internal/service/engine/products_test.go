//go:build cgo

package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

func all(t *testing.T, path string, p engine.Params) ([]engine.Image, engine.Report) {
	t.Helper()
	var out []engine.Image
	report, err := engine.Extract(t.Context(), open(t, path), p, engine.Limits{}, nil, func(i engine.Image) error {
		out = append(out, i)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, report
}

// A plan is what the run then does, on one core and on two: the same number of images at the same instants, by decoding as
// many packets as announced, and an archive and a time of the order that it estimated.
func TestPlanIsWhatTheRunDoes(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	for _, c := range clips() {
		switch c.name {
		case "h264_bframes.mp4", "h264_vfr.mp4", "hevc_opengop.mp4", "mpeg2.ts":
		default:
			continue
		}
		path := c.build(t)
		for _, p := range []engine.Params{
			{FPS: 1, Format: engine.PNG},
			{FPS: 5, Format: engine.JPEG, Start: 2},
			{Every: 9, Format: engine.JPEG},
			{Keyframes: true, Format: engine.PNG},
			{FPS: 10, Format: engine.PNG, MaxFrames: 3},
			{FPS: 5, Format: engine.JPEG, Threads: 1},
		} {
			planned, err := engine.Plan(t.Context(), open(t, path), p, engine.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			images, report := all(t, path, p)
			if !planned.Exact || planned.Frames != len(images) || planned.Truncated != report.Truncated || planned.Decode != report.Decoded {
				t.Errorf("%s %+v: planned %d images of %d packets (exact %v), got %d of %d", c.name, p, planned.Frames, planned.Decode, planned.Exact, len(images), report.Decoded)
			}
			size := int64(0)
			for i, img := range images {
				size += int64(len(img.Data))
				if i < len(planned.Instants) && planned.Instants[i] != img.Instant {
					t.Errorf("%s: image %d planned at %v came at %v", c.name, i+1, planned.Instants[i], img.Instant)
				}
			}
			if planned.Bytes < size/8 || planned.Bytes > size*8 || planned.Seconds <= 0 {
				t.Errorf("%s %+v: estimated %d bytes, got %d (%g s)", c.name, p, planned.Bytes, size, planned.Seconds)
			}
		}
	}
}

func TestCrop(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "clip.mp4", make: lavfi("testsrc2=s=320x180:r=10:d=2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")}.build(t)
	want := splitPPM(t, ffmpeg(t, "-i", path, "-vf", "fps=1:round=up,crop=100:60:31:40", "-vsync", "passthrough", "-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "-"))
	compare(t, path, engine.Params{FPS: 1, Format: engine.PNG, Crop: &engine.Rect{X: 31, Y: 40, W: 100, H: 60}}, want)
	for _, r := range []engine.Rect{{X: 300, W: 21, H: 10}, {Y: -1, W: 10, H: 10}, {W: 0, H: 10}, {X: 1 << 62, W: 10, H: 10}} {
		_, err := engine.Extract(t.Context(), open(t, path), engine.Params{FPS: 1, Format: engine.PNG, Crop: &r}, engine.Limits{}, nil, func(engine.Image) error { return nil })
		if !errors.Is(err, engine.ErrCrop) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// Three still scenes of two seconds: one image each is left, and what was dropped says what it resembles.
func TestDedupeAndScenes(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := write(t, "scenes.mp4", nil)
	ffmpeg(t, "-f", "lavfi", "-i", "mandelbrot=s=320x180:r=10:end_pts=1,trim=end_frame=1,loop=19:1,setpts=N/10/TB", "-f", "lavfi", "-i", "testsrc=s=320x180:r=10,trim=end_frame=1,loop=19:1,setpts=N/10/TB",
		"-f", "lavfi", "-i", "cellauto=s=320x180:r=10,trim=end_frame=1,loop=19:1,setpts=N/10/TB", "-filter_complex", "[0]format=yuv420p[a];[1]format=yuv420p[b];[2]format=yuv420p,boxblur=9[c];[a][b][c]concat=n=3,setsar=1",
		"-r", "10", "-c:v", "libx264", "-preset", "veryfast", path)
	images, report := all(t, path, engine.Params{FPS: 2, Format: engine.JPEG, Dedupe: 6})
	var kept []float64
	for i, img := range images {
		kept = append(kept, img.Instant)
		if img.Index != i+1 {
			t.Errorf("image %d is numbered %d", i+1, img.Index)
		}
	}
	if fmt.Sprint(kept) != "[0 2 4]" || report.Drops != 9 || len(report.Dropped) != 9 || report.Frames != 3 {
		t.Errorf("kept %v, dropped %d: %+v", kept, report.Drops, report.Dropped)
	}
	if d := report.Dropped[3]; d.Like != 2 || d.Instant != 2.5 || d.Distance > 6 {
		t.Errorf("the fourth drop is %+v", d)
	}
	scenes, _ := all(t, path, engine.Params{Scene: 0.1, Format: engine.JPEG})
	var starts []float64
	for _, img := range scenes {
		starts = append(starts, img.Instant)
	}
	if fmt.Sprint(starts) != "[0 2 4]" {
		t.Errorf("scenes start at %v", starts)
	}
}

func TestThumbsAreTheImageInSmall(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "clip.mp4", make: lavfi("smptebars=s=320x180:r=10:d=1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")}.build(t)
	images, _ := all(t, path, engine.Params{FPS: 1, Format: engine.PNG, Thumb: 80})
	img := images[0]
	if img.ThumbWidth != 80 || img.ThumbHeight != 45 || len(img.Thumb) != 80*45*3 {
		t.Fatalf("thumb of %dx%d in %d bytes", img.ThumbWidth, img.ThumbHeight, len(img.Thumb))
	}
	full, err := png.Decode(bytes.NewReader(img.Data))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []image.Point{{5, 5}, {40, 10}, {70, 20}} {
		r, g, b, _ := full.At(at.X*4+2, at.Y*4+2).RGBA()
		for c, v := range []uint32{r, g, b} {
			if d := int(v>>8) - int(img.Thumb[3*(at.Y*80+at.X)+c]); d < -12 || d > 12 {
				t.Errorf("channel %d at %v differs by %d", c, at, d)
			}
		}
	}
}

// A ramp of PQ gray comes out neutral, rising, with white at the top and reference white bright; kept as it is, it is dull.
func TestHDRBecomesSDR(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "pq.mkv", make: lavfi("nullsrc=s=256x64:r=1:d=1,format=yuv420p10le,geq=lum='64+X*876/255':cb=512:cr=512", "-c:v", "libx265", "-preset", "ultrafast",
		"-x265-params", "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:lossless=1", "-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc")}.build(t)
	row := func(p engine.Params) (out []int) {
		images, report := all(t, path, p)
		if report.Toned == p.NoTone {
			t.Errorf("%+v: toned is %v", p, report.Toned)
		}
		pixels := rgb(t, images[0].Data)
		for x := range 256 {
			at := 3 * (32*256 + x)
			r, g, b := int(pixels[at]), int(pixels[at+1]), int(pixels[at+2])
			if max(r, g, b)-min(r, g, b) > 6 {
				t.Errorf("gray %d became %d,%d,%d", x, r, g, b)
			}
			out = append(out, g)
		}
		return out
	}
	toned, kept := row(engine.Params{FPS: 1, Format: engine.PNG}), row(engine.Params{FPS: 1, Format: engine.PNG, NoTone: true})
	for x := 1; x < 256; x++ {
		if toned[x] < toned[x-1]-1 {
			t.Errorf("the ramp falls at %d: %v", x, toned)
			break
		}
	}
	const reference = 148 // code of 203 cd/m2: 58 % of the scale
	if toned[2] > 12 || toned[reference] < 150 || toned[reference] > 240 || toned[250] < 250 || toned[reference] <= kept[reference]+10 {
		t.Errorf("black %d, reference white %d (kept as it was: %d), peak %d", toned[2], toned[reference], kept[reference], toned[250])
	}
}
