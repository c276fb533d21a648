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
// decodes everything. A clip is made by ffmpeg from the arguments given, by a second run of it over the result of the first
// where then is given, and by patch.
type clip struct {
	name  string
	make  []string
	then  []string     // options of the second run, which copies the streams
	patch func([]byte) // of the file, after that
}

const (
	source = "testsrc2=s=320x180:r=30:d=5"
	noisy  = "testsrc2=s=322x182:r=25:d=5"
)

func lavfi(src string, args ...string) []string {
	return append([]string{"-f", "lavfi", "-i", src}, args...)
}

func clips() []clip {
	x264 := []string{"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"}
	plain := lavfi(source, append(append([]string{}, x264...), "-g", "30", "-bf", "2")...)
	with := func(a []string, b ...string) []string { return append(append([]string{}, a...), b...) }
	return []clip{
		{name: "h264_bframes.mp4", make: lavfi(source, with(x264, "-bf", "3", "-g", "250")...)},
		{name: "h264_gop30.mp4", make: lavfi(source, with(x264, "-bf", "3", "-b_strategy", "0", "-g", "30")...)},
		{name: "h264_nob.mp4", make: lavfi(source, with(x264, "-bf", "0", "-g", "30")...)},
		{name: "h264_opengop.mkv", make: lavfi(source, with(x264, "-x264-params", "open-gop=1:keyint=30:bframes=3:b-adapt=0")...)},
		{name: "h264_intrarefresh.mp4", make: lavfi(source, with(x264, "-x264-params", "intra-refresh=1:keyint=30")...)},
		{name: "h264_vfr.mp4", make: lavfi(source, with(x264, "-vf", "select='lt(mod(n,7),3)+gt(random(1),0.6)'", "-vsync", "vfr", "-g", "20")...)},
		{name: "h264_odd.mkv", make: lavfi(noisy, "-vf", "scale=317:179,format=yuv444p", "-c:v", "libx264", "-preset", "veryfast", "-g", "40")},
		{name: "h264_interlaced.mp4", make: lavfi(source, with(x264, "-flags", "+ildct+ilme", "-x264-params", "tff=1:keyint=30")...)},
		{name: "h264_10bit.mkv", make: lavfi(source, "-pix_fmt", "yuv420p10le", "-c:v", "libx264", "-preset", "veryfast", "-g", "30")},
		{name: "h264_bt709_full.mp4", make: lavfi(source, with(x264, "-vf", "scale=out_color_matrix=bt709:out_range=full", "-colorspace", "bt709", "-color_range", "pc", "-g", "30")...)},
		{name: "h264_ts.ts", make: lavfi(source, with(x264, "-g", "30", "-bf", "2")...)},
		{name: "h264_avi.avi", make: lavfi(source, with(x264, "-g", "30", "-bf", "2")...)},
		{name: "h264_flv.flv", make: lavfi(source, with(x264, "-g", "30", "-bf", "2")...)},
		{name: "hevc_opengop.mp4", make: lavfi(source, "-c:v", "libx265", "-preset", "superfast", "-x265-params", "log-level=none:keyint=30:open-gop=1:bframes=4", "-pix_fmt", "yuv420p")},
		{name: "hevc_layers.mkv", make: lavfi(source, "-c:v", "libx265", "-preset", "superfast", "-x265-params", "log-level=none:keyint=30:temporal-layers=1:bframes=4", "-pix_fmt", "yuv420p")},
		{name: "mpeg4.mp4", make: lavfi(source, "-c:v", "mpeg4", "-q:v", "4", "-bf", "2", "-g", "25")},
		{name: "mpeg4.avi", make: lavfi(source, "-c:v", "mpeg4", "-q:v", "4", "-bf", "2", "-g", "25")},
		{name: "mpeg2.ts", make: lavfi(source, "-c:v", "mpeg2video", "-q:v", "4", "-bf", "2", "-g", "15")},
		{name: "vp8.webm", make: lavfi(source, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "40", "-b:v", "1M", "-auto-alt-ref", "1", "-lag-in-frames", "10")},
		{name: "vp9.webm", make: lavfi(source, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "40", "-b:v", "1M")},
		{name: "mjpeg.mov", make: lavfi(noisy, "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj422p")},
		{name: "wmv2.wmv", make: lavfi(source, "-c:v", "wmv2", "-q:v", "4")},
		{name: "rotated90.mp4", make: plain, then: []string{"-metadata:s:v:0", "rotate=90"}},
		{name: "rotated180.mp4", make: plain, then: []string{"-metadata:s:v:0", "rotate=180"}},
		{name: "rotated270.mov", make: plain, then: []string{"-metadata:s:v:0", "rotate=270"}},
		{name: "editlist.mp4", make: plain, then: []string{"-ss", "1.53"}}, // starts inside a group: packets that are decoded but not shown
		{name: "negative_cts.mp4", make: plain, then: []string{"-movflags", "+negative_cts_offsets"}},
		{name: "wrap.ts", make: plain, then: []string{"-output_ts_offset", "95441.2", "-muxdelay", "0"}}, // 2^33 ticks are passed after two seconds
		{name: "covered.mp4", make: append(lavfi("color=s=64x64:r=1:d=1", "-f", "lavfi", "-i", source, "-map", "0", "-map", "1", "-c:v:0", "png", "-disposition:v:0", "attached_pic", "-frames:v:0", "1"), "-c:v:1", "libx264", "-pix_fmt:v:1", "yuv420p")},
		{name: "two_streams.mkv", make: lavfi(source, "-f", "lavfi", "-i", noisy, "-map", "0", "-map", "1", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "30")},
		{name: "anamorphic.mp4", make: lavfi(source, with(x264, "-vf", "setsar=4/3", "-g", "30")...)},
		{name: "mpeg2_interlaced.ts", make: lavfi(source, "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", "4", "-bf", "2", "-g", "15")},
		{name: "mpeg2.mpg", make: lavfi("testsrc2=s=320x240:r=25:d=7", "-c:v", "mpeg2video", "-q:v", "4", "-bf", "2", "-g", "12")},
		{name: "prores.mov", make: lavfi(noisy, "-c:v", "prores_ks", "-profile:v", "0")},
		{name: "av1.mp4", make: lavfi("testsrc2=s=160x90:r=25:d=4", "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "20", "-pix_fmt", "yuv420p")},
		{name: "h264_422.mkv", make: lavfi(source, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv422p", "-g", "30")},
		{name: "h264_gray.mkv", make: lavfi(source, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "gray", "-g", "30")},
		{name: "h264_strict_pyramid.mp4", make: lavfi(source, with(x264, "-x264-params", "b-pyramid=strict:bframes=8:b-adapt=0:ref=5:weightp=2:keyint=60")...)},
		{name: "hevc_main10.mp4", make: lavfi(source, "-c:v", "libx265", "-preset", "superfast", "-x265-params", "log-level=none:keyint=40:bframes=4:b-pyramid=1", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")},
		{name: "vp9_444.webm", make: lavfi(noisy, "-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "8", "-g", "30", "-b:v", "1M", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-pix_fmt", "yuv444p")},
		{name: "mirrored.mp4", make: plain, patch: mirror},
		{name: "short.mp4", make: lavfi("testsrc2=s=64x64:r=30:d=0.1", x264...)},
		{name: "slow.mkv", make: lavfi("testsrc2=s=64x64:r=1/3:d=30", x264...)},
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

// mirror makes the first track's display matrix one that turns left to right (ISO/IEC 14496-12 8.3.2).
func mirror(film []byte) {
	matrix := film[bytes.Index(film, []byte("tkhd"))+4+40:]
	copy(matrix, []byte{0xff, 0xff, 0, 0}) // -1
}

// build makes the clip and returns its path.
func (c clip) build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, c.name)
	if c.then != nil {
		first := filepath.Join(dir, "first.mp4")
		ffmpeg(t, append(append([]string{}, c.make...), first)...)
		ffmpeg(t, append(append([]string{"-i", first, "-c", "copy"}, c.then...), path)...)
		return path
	}
	ffmpeg(t, append(append([]string{}, c.make...), path)...)
	if c.patch != nil {
		film, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c.patch(film)
		if err := os.WriteFile(path, film, 0o600); err != nil {
			t.Fatal(err)
		}
	}
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

// uneven are the clips that are also sampled at a rate that drifts against theirs; it costs as much as every frame does.
var uneven = map[string]bool{"h264_bframes.mp4": true, "h264_vfr.mp4": true, "h264_ts.ts": true, "hevc_opengop.mp4": true, "vp9.webm": true}

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
				if k.fps == "30000/1001" && !uneven[c.name] {
					continue
				}
				compare(t, path, engine.Params{FPS: k.rate, Format: engine.PNG, Start: k.start}, expected(t, path, k.fps, k.start, k.end))
			}
		})
	}
}

// compare extracts and holds every image against want. The images are decoded by ffmpeg in one go, and the first one by
// Go's own decoder too: under the race detector that one is too slow for all.
func compare(t *testing.T, path string, p engine.Params, want [][]byte) {
	t.Helper()
	var images []engine.Image
	var files bytes.Buffer
	report, err := engine.Extract(t.Context(), open(t, path), p, engine.Limits{}, nil, func(i engine.Image) error {
		if i.Index != len(images)+1 {
			t.Errorf("image %d came as number %d", i.Index, len(images)+1)
		}
		files.Write(i.Data)
		if len(images) > 0 {
			i.Data = nil
		}
		images = append(images, i)
		return nil
	})
	if err != nil && len(want) > 0 {
		t.Fatalf("%+v: %v", p, err)
	}
	if len(images) != len(want) {
		t.Fatalf("%+v: %d images, ffmpeg gives %d", p, len(images), len(want))
	}
	got, wrong := decoded(t, files.Bytes()), 0
	for n, i := range images {
		if wrong < 3 && !bytes.Equal(got[n], want[n]) {
			wrong++ // the first ones tell enough
			t.Errorf("%+v: image %d (instant %.3f, pts %.3f) differs from ffmpeg's", p, n+1, i.Instant, i.PTS)
		}
	}
	if len(images) > 0 && !bytes.Equal(rgb(t, images[0].Data), want[0]) {
		t.Errorf("%+v: image/png reads the first image otherwise", p)
	}
	t.Logf("%+v: %d images, decoded %d of %d", p, len(images), report.Decoded, report.Packets)
}

// decoded gives the pixels of PNG files that follow each other.
func decoded(t *testing.T, files []byte) [][]byte {
	t.Helper()
	if len(files) == 0 {
		return nil
	}
	path := write(t, "images", files)
	return splitPPM(t, ffmpeg(t, "-f", "image2pipe", "-c:v", "png", "-i", path, "-vsync", "passthrough", "-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "-"))
}
