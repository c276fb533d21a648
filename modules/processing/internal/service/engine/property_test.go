//go:build cgo

package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// More draws than the default find rarer combinations: go test -run TestRandomFilms -draws 200 -seed 7.
var draws = flag.Int("draws", 8, "random films that TestRandomFilms makes")

// Random encodes, asked for in random ways on one to three cores, against a plain full decode by ffmpeg.
func TestRandomFilms(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	for n := range *draws {
		t.Run(fmt.Sprintf("seed %d film %d", *seed, n), func(t *testing.T) {
			t.Parallel()
			d := drawer{rand.New(rand.NewPCG(*seed, uint64(n)))}
			film := d.film()
			t.Logf("ffmpeg %s %s", strings.Join(film.make, " "), film.name)
			path := film.build(t)
			for range 3 {
				threads := 1 + d.IntN(3)
				switch d.IntN(4) {
				case 0:
					every := 1 + d.IntN(40)
					compare(t, path, engine.Params{Every: every, Format: engine.PNG, Threads: threads}, selected(t, path, fmt.Sprintf("not(mod(n,%d))", every)))
				case 1:
					compare(t, path, engine.Params{Keyframes: true, Format: engine.PNG, Threads: threads}, selected(t, path, "eq(key,1)"))
				default:
					rate := pick(d, "1/3", "1", "2", "3", "5", "7", "25/2", "24", "30000/1001")
					var a, b float64 = 0, 1
					_, _ = fmt.Sscanf(rate, "%f/%f", &a, &b)
					compare(t, path, engine.Params{FPS: a / b, Format: engine.PNG, Threads: threads}, expected(t, path, rate, 0, 0))
				}
			}
		})
	}
}

type drawer struct{ *rand.Rand }

func pick[T any](d drawer, from ...T) T { return from[d.IntN(len(from))] }

// film draws a source, an encoder with its structure of references, and a container that holds it. Uneven films are in no
// transport streams: the ffmpeg program, unlike ffprobe, then moves the first picture against the others.
func (d drawer) film() clip {
	size := pick(d, "160x90", "176x144", "130x98")
	source := fmt.Sprintf("%s=s=%s:r=%s", pick(d, "testsrc2", "testsrc"), size, pick(d, "10", "24", "25", "30000/1001", "50"))
	args := lavfi(source, "-t", strconv.Itoa(2+d.IntN(5)), "-pix_fmt", "yuv420p")
	uneven := d.IntN(3) == 0
	if uneven {
		args = append(args, "-vf", fmt.Sprintf("select=gt(random(%d)\\,%.1f)", d.IntN(100), 0.2+0.2*float64(d.IntN(3))), "-vsync", "vfr")
	}
	gop := 1 + d.IntN(60)
	switch d.IntN(6) {
	case 0:
		args = append(args, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", fmt.Sprintf("log-level=none:keyint=%d:bframes=%d:b-pyramid=%d:open-gop=%d:ref=%d", gop, d.IntN(5), d.IntN(2), d.IntN(2), 1+d.IntN(4)))
		return clip{name: "random" + container(d, uneven, ".mp4", ".mkv"), make: args}
	case 1:
		args = append(args, "-c:v", pick(d, "mpeg4", "mpeg2video"), "-q:v", "3", "-g", strconv.Itoa(min(gop, 30)), "-bf", strconv.Itoa(d.IntN(3)))
		return clip{name: "random" + container(d, uneven, ".mkv"), make: append(args, "-r", "25")}
	case 2:
		args = append(args, "-c:v", "libvpx-vp9", "-deadline", pick(d, "realtime", "good"), "-cpu-used", "8", "-g", strconv.Itoa(gop), "-auto-alt-ref", "1", "-lag-in-frames", strconv.Itoa(d.IntN(20)))
		return clip{name: "random" + pick(d, ".webm", ".mp4"), make: args}
	}
	args = append(args, "-c:v", "libx264", "-preset", pick(d, "ultrafast", "veryfast", "medium"), "-x264-params", fmt.Sprintf(
		"keyint=%d:min-keyint=%d:bframes=%d:b-adapt=%d:b-pyramid=%s:open-gop=%d:ref=%d:weightp=%d:scenecut=%d:slices=%d", gop, 1+d.IntN(gop), d.IntN(6), d.IntN(3),
		pick(d, "none", "strict", "normal"), d.IntN(2), 1+d.IntN(5), d.IntN(3), pick(d, 0, 40), 1+d.IntN(3)))
	return clip{name: "random" + container(d, uneven, ".mp4", ".mov", ".mkv", ".flv"), make: args}
}

func container(d drawer, uneven bool, from ...string) string {
	if !uneven {
		from = append(from, ".ts")
	}
	return pick(d, from...)
}
