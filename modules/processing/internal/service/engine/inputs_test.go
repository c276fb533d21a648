//go:build cgo

package engine_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBadInputHasOneSentence(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	dir := t.TempDir()
	film := func(name string, args ...string) string {
		path := filepath.Join(dir, name)
		ffmpeg(t, append(args, path)...)
		return path
	}
	whole := film("whole.mp4", lavfi("testsrc2=s=320x180:r=30:d=4", "-c:v", "libx264", "-preset", "ultrafast")...)
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path string
		want       error
	}{
		{"empty", write(t, "empty.mp4", nil), engine.ErrEmpty},
		{"one byte", write(t, "one.mp4", []byte{1}), engine.ErrNotAVideo},
		{"text", write(t, "text.mp4", []byte(strings.Repeat("This is a letter to a friend. ", 400))), engine.ErrNotAVideo},
		{"truncated before its index", write(t, "cut.mp4", data[:len(data)/2]), engine.ErrIncomplete},
		{"sound only", film("sound.mp4", "-f", "lavfi", "-i", "sine=d=1"), engine.ErrNoVideo},
		{"cover art only", film("cover.mp4", "-f", "lavfi", "-i", "sine=d=1", "-f", "lavfi", "-i", "color=s=64x64:d=1:r=1", "-map", "0", "-map", "1", "-c:v", "png", "-frames:v", "1", "-disposition:v", "attached_pic"), engine.ErrNoVideo},
		{"a still image", film("still.png", lavfi("color=s=64x64:d=1:r=1", "-frames:v", "1")...), engine.ErrContainer},
		{"a playlist", write(t, "list.mp4", []byte("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")), engine.ErrContainer},
		{"a concat script", write(t, "concat.mp4", []byte("ffconcat version 1.0\nfile "+whole+"\n")), engine.ErrContainer},
		{"too many pixels", film("huge.mov", lavfi("color=s=16000x16000:d=1:r=1", "-frames:v", "1", "-c:v", "png")...), engine.ErrPixels},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := engine.Probe(t.Context(), open(t, c.path), engine.Limits{})
			if !errors.Is(err, c.want) {
				t.Errorf("probe: %v, want %v", err, c.want)
			}
			_, err = engine.Extract(t.Context(), open(t, c.path), engine.Params{FPS: 1, Format: engine.PNG}, engine.Limits{}, nil, func(engine.Image) error { return nil })
			if !errors.Is(err, c.want) {
				t.Errorf("extract: %v, want %v", err, c.want)
			}
		})
	}
}

func TestStartBeyondTheEnd(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "short.mp4", make: lavfi("testsrc2=s=64x64:r=30:d=2", "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
	_, err := engine.Extract(t.Context(), open(t, path), engine.Params{FPS: 1, Format: engine.PNG, Start: 2}, engine.Limits{}, nil, func(engine.Image) error { return nil })
	if !errors.Is(err, engine.ErrStartBeyondEnd) {
		t.Errorf("%v", err)
	}
}

// What can be read of a film whose end is missing is delivered, and the report says where it stopped.
func TestDamagedFilmGivesItsGoodPart(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "front.mp4", make: lavfi("testsrc2=s=320x180:r=30:d=8", "-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-movflags", "+faststart")}.build(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	report, err := engine.Extract(t.Context(), open(t, write(t, "cut.mp4", data[:len(data)*6/10])), engine.Params{FPS: 1, Format: engine.PNG}, engine.Limits{}, nil, func(engine.Image) error { n++; return nil })
	if err != nil || n < 4 || n > 6 || report.Frames != n {
		t.Fatalf("%d images, %+v, %v", n, report, err)
	}
	if report.DamagedAt == nil || *report.DamagedAt < 3 || *report.DamagedAt > 6 || report.Reason == "" {
		t.Errorf("the report does not say where the film breaks off: %+v", report)
	}
}

func TestJPEGOfEveryChromaFormat(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	for format, ratio := range map[string]image.YCbCrSubsampleRatio{
		"yuv420p": image.YCbCrSubsampleRatio420, "yuv422p": image.YCbCrSubsampleRatio422, "yuv444p": image.YCbCrSubsampleRatio444,
	} {
		path := clip{name: format + ".mkv", make: lavfi("testsrc2=s=128x96:r=10:d=1", "-pix_fmt", format, "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
		_, err := engine.Extract(t.Context(), open(t, path), engine.Params{FPS: 1, Format: engine.JPEG, Quality: 90}, engine.Limits{}, nil, func(i engine.Image) error {
			img, err := jpeg.Decode(bytes.NewReader(i.Data))
			if err != nil {
				return err
			}
			if y, ok := img.(*image.YCbCr); !ok || y.SubsampleRatio != ratio || y.Rect.Dx() != 128 || y.Rect.Dy() != 96 {
				t.Errorf("%s: decoded as %T of %v", format, img, img.Bounds())
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestScaling(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "wide.mp4", make: lavfi("testsrc2=s=320x180:r=10:d=1", "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
	for _, c := range []struct{ w, h, wantW, wantH int }{{160, 0, 160, 90}, {0, 45, 80, 45}, {100, 100, 100, 100}, {0, 0, 320, 180}} {
		_, err := engine.Extract(t.Context(), open(t, path), engine.Params{FPS: 1, Format: engine.PNG, Width: c.w, Height: c.h}, engine.Limits{}, nil, func(i engine.Image) error {
			got, err := png0(i.Data)
			if err != nil || got.X != c.wantW || got.Y != c.wantH || i.Width != c.wantW || i.Height != c.wantH {
				t.Errorf("%dx%d gave %v (%dx%d), %v", c.w, c.h, got, i.Width, i.Height, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func png0(data []byte) (image.Point, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	return image.Pt(c.Width, c.Height), err
}

func TestCancelStopsTheChildAtOnce(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "long.mp4", make: lavfi("testsrc2=s=640x360:r=30:d=20", "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("enough of this")
	began := time.Now()
	_, err := engine.Extract(ctx, open(t, path), engine.Params{FPS: 30, Format: engine.PNG}, engine.Limits{}, nil, func(i engine.Image) error {
		if i.Index == 3 {
			began = time.Now()
			cancel(stop)
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Errorf("%v, want the cause", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	refused := errors.New("no room")
	_, err = engine.Extract(t.Context(), open(t, path), engine.Params{FPS: 30, Format: engine.PNG}, engine.Limits{}, nil, func(engine.Image) error { return refused })
	if !errors.Is(err, refused) {
		t.Errorf("%v, want what emit returned", err)
	}
}

// Every limit is tripped once: with the right sentence, and with the rest of the film untouched by it.
func TestLimits(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	film := clip{name: "clip.mp4", make: lavfi("testsrc2=s=640x360:r=30:d=10", "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
	large := clip{name: "large.mp4", make: lavfi("testsrc2=s=3840x2160:r=10:d=4", "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
	// Twenty pictures, then a leap of a day: without a limit one of them would be written 86,400 times.
	leap := clip{name: "leap.mkv", make: lavfi("testsrc=d=2:s=64x64:r=10", "-vf", "setpts='if(gte(N,10),PTS+86400/TB,PTS)'", "-vsync", "passthrough")}.build(t)
	many := filepath.Join(t.TempDir(), "many.mkv")
	args := lavfi("color=s=16x16:r=1:d=1")
	for range 66 {
		args = append(args, "-map", "0:v")
	}
	ffmpeg(t, append(args, "-c:v", "mpeg4", many)...)
	rate := engine.Params{FPS: 30, Format: engine.PNG}
	for _, c := range []struct {
		name, path string
		params     engine.Params
		limits     engine.Limits
		want       []error
	}{
		{"pixels", film, rate, engine.Limits{Pixels: 640*360 - 1}, []error{engine.ErrPixels}},
		{"streams", many, rate, engine.Limits{}, []error{engine.ErrStreams}},
		{"packets", film, rate, engine.Limits{Packets: 100}, []error{engine.ErrPackets}},
		{"repeats", leap, engine.Params{FPS: 1, Format: engine.PNG, Start: 0.95}, engine.Limits{}, []error{engine.ErrTimeline}},
		{"output", film, rate, engine.Limits{Output: 100_000}, []error{engine.ErrOutput}},
		{"wall clock", film, rate, engine.Limits{Wall: 100 * time.Millisecond}, []error{engine.ErrTime}},
		{"stall", film, rate, engine.Limits{Stall: time.Millisecond}, []error{engine.ErrTime}},
		{"processor time", large, engine.Params{FPS: 10, Format: engine.PNG}, engine.Limits{CPU: time.Second}, []error{engine.ErrTime}},
		{"memory", large, engine.Params{FPS: 10, Format: engine.PNG}, engine.Limits{Memory: 256 << 20}, []error{engine.ErrMemory, engine.ErrCrashed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := engine.Extract(t.Context(), open(t, c.path), c.params, c.limits, nil, func(engine.Image) error { return nil })
			for _, want := range c.want {
				if errors.Is(err, want) {
					return
				}
			}
			t.Errorf("%v, want %v", err, c.want)
		})
	}
	report, err := engine.Extract(t.Context(), open(t, leap), engine.Params{FPS: 5, Format: engine.JPEG}, engine.Limits{}, nil, func(engine.Image) error { return nil })
	if err != nil || report.Frames != 5 || report.DamagedAt == nil || *report.DamagedAt > 1 {
		t.Errorf("what comes before the leap: %+v, %v", report, err)
	}
	report, err = engine.Extract(t.Context(), open(t, film), engine.Params{FPS: 5, Format: engine.JPEG}, engine.Limits{Frames: 7}, nil, func(engine.Image) error { return nil })
	if err != nil || report.Frames != 7 || !report.Truncated {
		t.Errorf("frames: %+v, %v", report, err)
	}
}

// A broadcast may change its picture size under way: the images keep the first one's, as a player's window does.
func TestSizeChangesUnderWay(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	x264 := []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "10"}
	large := clip{name: "large.ts", make: lavfi("testsrc2=s=320x180:r=10:d=2", x264...)}.build(t)
	small := clip{name: "small.ts", make: lavfi("testsrc=s=160x90:r=10:d=2", append(x264, "-output_ts_offset", "2")...)}.build(t)
	film := write(t, "film.ts", append(slices.Clone(content(t, large)), content(t, small)...))
	scaled := splitPPM(t, ffmpeg(t, "-i", small, "-vf", "fps=2:round=up,scale=320:180:flags=bicubic", "-vsync", "passthrough", "-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "-"))
	images, _ := all(t, film, engine.Params{FPS: 2, Format: engine.PNG})
	want := append(expected(t, large, "2", 0, 0), scaled...)
	if len(images) != len(want) {
		t.Fatalf("%d images, want %d", len(images), len(want))
	}
	for n, i := range images {
		got := rgb(t, i.Data)
		if len(got) != len(want[n]) {
			t.Fatalf("image %d is %dx%d", n+1, i.Width, i.Height)
		}
		if d := meanSquare(got, want[n]); n < 4 && d > 0 || d > 2 { // scaling via RGB rounds otherwise
			t.Errorf("image %d at %.1f s: mean square error %.2f", n+1, i.Instant, d)
		}
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
