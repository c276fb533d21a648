//go:build cgo

package engine_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// The proof that skipping is exact: every clip at every rate, picture by picture, against the ffmpeg program, which
// decodes everything. A clip is made by ffmpeg from the arguments given; %s is the folder.
type clip struct {
	name string
	make []string // arguments of one or more runs of ffmpeg, separated by "|"
}

const (
	source = "testsrc2=s=320x180:r=30:d=8"
	noisy  = "testsrc2=s=322x182:r=25:d=7"
)

func lavfi(src string, args ...string) []string {
	return append([]string{"-f", "lavfi", "-i", src}, args...)
}

func clips() []clip {
	x264 := []string{"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"}
	with := func(a []string, b ...string) []string { return append(append([]string{}, a...), b...) }
	return []clip{
		{"h264_bframes.mp4", lavfi(source, with(x264, "-bf", "3", "-g", "250")...)},
		{"h264_gop30.mp4", lavfi(source, with(x264, "-bf", "3", "-b_strategy", "0", "-g", "30")...)},
		{"h264_nob.mp4", lavfi(source, with(x264, "-bf", "0", "-g", "30")...)},
		{"h264_opengop.mkv", lavfi(source, with(x264, "-x264-params", "open-gop=1:keyint=30:bframes=3:b-adapt=0")...)},
		{"h264_intrarefresh.mp4", lavfi(source, with(x264, "-x264-params", "intra-refresh=1:keyint=30")...)},
		{"h264_vfr.mp4", lavfi(source, with(x264, "-vf", "select='lt(mod(n,7),3)+gt(random(1),0.6)'", "-vsync", "vfr", "-g", "20")...)},
		{"h264_odd.mkv", lavfi(noisy, "-vf", "scale=317:179,format=yuv444p", "-c:v", "libx264", "-preset", "veryfast", "-g", "40")},
		{"h264_interlaced.mp4", lavfi(source, with(x264, "-flags", "+ildct+ilme", "-x264-params", "tff=1:keyint=30")...)},
		{"h264_10bit.mkv", lavfi(source, "-pix_fmt", "yuv420p10le", "-c:v", "libx264", "-preset", "veryfast", "-g", "30")},
		{"h264_bt709_full.mp4", lavfi(source, with(x264, "-vf", "scale=out_color_matrix=bt709:out_range=full", "-colorspace", "bt709", "-color_range", "pc", "-g", "30")...)},
		{"h264_ts.ts", lavfi(source, with(x264, "-g", "30", "-bf", "2")...)},
		{"h264_avi.avi", lavfi(source, with(x264, "-g", "30", "-bf", "2")...)},
		{"h264_flv.flv", lavfi(source, with(x264, "-g", "30", "-bf", "2")...)},
		{"hevc_opengop.mp4", lavfi(source, "-c:v", "libx265", "-preset", "superfast", "-x265-params", "log-level=none:keyint=30:open-gop=1:bframes=4", "-pix_fmt", "yuv420p")},
		{"hevc_layers.mkv", lavfi(source, "-c:v", "libx265", "-preset", "superfast", "-x265-params", "log-level=none:keyint=30:temporal-layers=1:bframes=4", "-pix_fmt", "yuv420p")},
		{"mpeg4.mp4", lavfi(source, "-c:v", "mpeg4", "-q:v", "4", "-bf", "2", "-g", "25")},
		{"mpeg4.avi", lavfi(source, "-c:v", "mpeg4", "-q:v", "4", "-bf", "2", "-g", "25")},
		{"mpeg2.ts", lavfi(source, "-c:v", "mpeg2video", "-q:v", "4", "-bf", "2", "-g", "15")},
		{"vp8.webm", lavfi(source, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "40", "-b:v", "1M", "-auto-alt-ref", "1", "-lag-in-frames", "10")},
		{"vp9.webm", lavfi(source, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "40", "-b:v", "1M")},
		{"mjpeg.mov", lavfi(noisy, "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj422p")},
		{"wmv2.wmv", lavfi(source, "-c:v", "wmv2", "-q:v", "4")},
		{"rotated90.mp4", with(lavfi(source, with(x264, "-g", "30", "%s/plain.mp4")...), "|", "-display_rotation", "90")},
		{"short.mp4", lavfi("testsrc2=s=64x64:r=30:d=0.1", x264...)},
		{"slow.mkv", lavfi("testsrc2=s=64x64:r=1/3:d=30", x264...)},
	}
}

func needFFmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("the ffmpeg program is not installed, and it is the oracle of this test: apt-get install ffmpeg")
	}
}

func ffmpeg(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-nostdin", "-v", "error", "-y"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.Bytes()
}

// build makes the clip and returns its path.
func (c clip) build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, c.name)
	if c.name == "rotated90.mp4" { // the display matrix is set while remuxing
		plain := filepath.Join(dir, "plain.mp4")
		ffmpeg(t, append(lavfi(source, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "30"), plain)...)
		ffmpeg(t, "-i", plain, "-c", "copy", "-metadata:s:v:0", "rotate=90", path)
		return path
	}
	ffmpeg(t, append(append([]string{}, c.make...), path)...)
	return path
}

// expected gives the pictures of ffmpeg, one after another as packed RGB.
func expected(t *testing.T, path string, fps string, start, end float64) [][]byte {
	t.Helper()
	filter := fmt.Sprintf("setpts=PTS-STARTPTS,fps=%s:round=up:start_time=%g", fps, start)
	if end > 0 {
		filter = fmt.Sprintf("setpts=PTS-STARTPTS,trim=end=%g,fps=%s:round=up:start_time=%g", end, fps, start)
	}
	y4m := ffmpeg(t, "-i", path, "-map", "0:v:0", "-vf", filter, "-vsync", "passthrough", "-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "-")
	return splitPPM(t, y4m)
}

func splitPPM(t *testing.T, data []byte) (out [][]byte) {
	t.Helper()
	for len(data) > 0 {
		var w, h int
		n, err := fmt.Sscanf(string(data[:min(len(data), 40)]), "P6\n%d %d\n255\n", &w, &h)
		if n != 2 || err != nil {
			t.Fatalf("not a PPM: %v", err)
		}
		head := len(fmt.Sprintf("P6\n%d %d\n255\n", w, h))
		out = append(out, data[head:head+3*w*h])
		data = data[head+3*w*h:]
	}
	return out
}

func open(t *testing.T, path string) engine.Source {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	src, err := engine.NewFile(f)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func rgb(t *testing.T, data []byte) []byte {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	pix := img.(*image.RGBA) // what image/png gives for truecolour without alpha
	out := make([]byte, 0, len(pix.Pix)/4*3)
	for i := 0; i < len(pix.Pix); i += 4 {
		out = append(out, pix.Pix[i:i+3]...)
	}
	return out
}

func TestConformance(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	// The start lies on a slot of the rate and on a tick of every clip: ffmpeg's filter rounds it to both.
	cases := []struct {
		fps        string
		rate       float64
		start, end float64
	}{
		{"1", 1, 0, 0}, {"5", 5, 0, 0}, {"1/10", 0.1, 0, 0}, {"30", 30, 0, 0}, {"2", 2, 1.5, 0}, {"30000/1001", 29.97002997, 0, 0},
	}
	for _, c := range clips() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := c.build(t)
			for _, k := range cases {
				compare(t, path, engine.Params{FPS: k.rate, Format: engine.PNG, Start: k.start}, expected(t, path, k.fps, k.start, k.end))
			}
		})
	}
}

func compare(t *testing.T, path string, p engine.Params, want [][]byte) {
	t.Helper()
	n := 0
	report, err := engine.Extract(t.Context(), open(t, path), p, engine.Limits{}, nil, func(i engine.Image) error {
		n++
		if i.Index != n {
			t.Fatalf("image %d came as number %d", i.Index, n)
		}
		if n <= len(want) && !bytes.Equal(rgb(t, i.Data), want[n-1]) {
			t.Errorf("fps %g start %g: image %d (instant %.3f, pts %.3f) differs from ffmpeg's", p.FPS, p.Start, n, i.Instant, i.PTS)
		}
		return nil
	})
	if err != nil && len(want) > 0 {
		t.Fatalf("fps %g start %g: %v", p.FPS, p.Start, err)
	}
	if n != len(want) {
		t.Errorf("fps %g start %g: %d images, ffmpeg gives %d", p.FPS, p.Start, n, len(want))
	}
	t.Logf("fps %g start %g: %d images, decoded %d of %d", p.FPS, p.Start, n, report.Decoded, report.Packets)
}
