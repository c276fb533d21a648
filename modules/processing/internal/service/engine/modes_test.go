//go:build cgo

package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// The ways to ask by frame or by list, against ffmpeg's select filter, on clips that the plan serves and on one that it
// does not.
func TestModes(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	for _, c := range clips() {
		switch c.name {
		case "h264_bframes.mp4", "h264_gop30.mp4", "h264_vfr.mp4", "hevc_opengop.mp4", "mpeg4.avi", "vp9.webm":
		default:
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := c.build(t)
			compare(t, path, engine.Params{Every: 7, Format: engine.PNG}, selected(t, path, "not(mod(n,7))"))
			compare(t, path, engine.Params{Keyframes: true, Format: engine.PNG}, selected(t, path, "eq(key,1)"))
			times := []float64{0, 0.5, 0.5, 1.0 / 3, 3.21, 4.9, 100}
			var want [][]byte
			for _, at := range []float64{0, 0.5, 0.5, 3.21, 4.9} {
				shown := selected(t, path, fmt.Sprintf("lte(t,%g)", at+1e-6))
				want = append(want, shown[len(shown)-1])
			}
			times = append(times[:3], times[4:]...) // ascending
			compare(t, path, engine.Params{Times: times, Format: engine.PNG}, want)
		})
	}
}

func selected(t *testing.T, path, expression string) [][]byte {
	t.Helper()
	filter := "setpts=PTS-STARTPTS,select='" + strings.ReplaceAll(expression, ",", `\,`) + "'"
	return splitPPM(t, ffmpeg(t, "-i", path, "-map", "0:v:0", "-vf", filter, "-vsync", "passthrough", "-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "-"))
}

func TestEveryStopsAtMaxAndWindow(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "clip.mp4", make: lavfi("testsrc2=s=64x64:r=30:d=4", "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
	end := 3.0
	for _, c := range []struct {
		p    engine.Params
		want []float64
		cut  bool
	}{
		{engine.Params{Every: 30}, []float64{0, 1, 2, 3}, false},
		{engine.Params{Every: 30, Start: 0.5, End: &end}, []float64{0.5, 1.5, 2.5}, false},
		{engine.Params{Every: 30, MaxFrames: 2}, []float64{0, 1}, true},
		{engine.Params{Times: []float64{0.2, 3.5}, End: &end}, []float64{0.2}, false},
	} {
		c.p.Format = engine.JPEG
		var got []float64
		r, err := engine.Extract(t.Context(), open(t, path), c.p, engine.Limits{}, nil, func(i engine.Image) error {
			got = append(got, i.Instant)
			return nil
		})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) || r.Truncated != c.cut {
			t.Errorf("%+v: instants %v, truncated %v, %v", c.p, got, r.Truncated, err)
		}
	}
}

// Images that libraries encode are read by ffmpeg, show the picture that the JPEG shows, and are smaller at a lower quality.
func TestLossyImages(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "clip.mp4", make: lavfi("mandelbrot=s=322x182:r=10,trim=end_frame=2,setsar=1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-qp", "8")}.build(t)
	pixels := func(format string, quality int) ([]byte, int) {
		images, _ := all(t, path, engine.Params{FPS: 1, Format: format, Quality: quality})
		file := write(t, "one."+format, images[0].Data)
		return ffmpeg(t, "-i", file, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"), len(images[0].Data)
	}
	want, _ := pixels(engine.JPEG, 100)
	for format, magic := range map[string]string{engine.WebP: "WEBP", engine.AVIF: "ftypavif"} {
		good, large := pixels(format, 95)
		_, small := pixels(format, 10)
		if len(good) != len(want) || small >= large {
			t.Errorf("%s: %d bytes of pixels, want %d; %d bytes at quality 95, %d at 10", magic, len(good), len(want), large, small)
			continue
		}
		if d := meanSquare(good, want); d > 30 {
			t.Errorf("%s: mean square error %.1f", magic, d)
		}
	}
}
