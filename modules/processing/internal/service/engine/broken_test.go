//go:build cgo

package engine_test

import (
	"bytes"
	"errors"
	"flag"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
	"github.com/fiapx/fiapx/platform/fault"
)

var (
	mutations = flag.Int("mutations", 12, "damaged variants of each clip")
	seed      = flag.Uint64("seed", 1, "of what is drawn by chance")
)

// Damaged in any way, a file ends in images that decode or in one of our sentences. The child may die of it; this process
// and the next file never notice.
func TestBrokenFilesEndInImagesOrASentence(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	small := "testsrc2=s=96x64:r=15:d=3"
	for _, c := range []clip{
		{name: "h264.mp4", make: lavfi(small, "-c:v", "libx264", "-g", "15", "-movflags", "+faststart")},
		{name: "h264.mkv", make: lavfi(small, "-c:v", "libx264", "-g", "15")},
		{name: "h264.ts", make: lavfi(small, "-c:v", "libx264", "-g", "15")},
		{name: "hevc.mp4", make: lavfi(small, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=15", "-movflags", "+faststart")},
		{name: "mpeg4.avi", make: lavfi(small, "-c:v", "mpeg4", "-bf", "2")},
		{name: "vp9.webm", make: lavfi(small, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "15")},
		{name: "wmv2.wmv", make: lavfi(small, "-c:v", "wmv2")},
		{name: "h264.flv", make: lavfi(small, "-c:v", "libx264", "-g", "15")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			whole, err := os.ReadFile(c.build(t))
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(*seed, 0))
			outcome := map[string]int{}
			for range *mutations {
				outcome[tryBroken(t, damage(r, whole))]++
			}
			t.Logf("%v", outcome)
		})
	}
}

// damage cuts the file, flips bits in its header or anywhere, or overwrites a stretch.
func damage(r *rand.Rand, whole []byte) []byte {
	data := bytes.Clone(whole)
	switch r.IntN(4) {
	case 0:
		return data[:1+r.IntN(len(data)-1)]
	case 1:
		for range 1 + r.IntN(8) {
			data[r.IntN(min(len(data), 2048))] ^= 1 << r.IntN(8)
		}
	case 2:
		for range 1 + r.IntN(64) {
			data[r.IntN(len(data))] ^= 1 << r.IntN(8)
		}
	case 3:
		at := r.IntN(len(data))
		for i := at; i < min(len(data), at+r.IntN(4096)); i++ {
			data[i] = byte(r.Uint32())
		}
	}
	return data
}

func tryBroken(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	images := 0
	report, err := engine.Extract(t.Context(), open(t, path), engine.Params{FPS: 5, Format: engine.PNG}, engine.Limits{Wall: time.Minute, Repeats: 300}, nil, func(i engine.Image) error {
		images++
		_, err := png.Decode(bytes.NewReader(i.Data))
		return err
	})
	if err == nil {
		if images == 0 || images != report.Frames {
			t.Errorf("done with %d images, the report says %d", images, report.Frames)
		}
		if report.DamagedAt != nil {
			return "partial"
		}
		return "done"
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Internal || f.Code == engine.ErrTime.Code {
		t.Errorf("%v", err)
		return "?"
	}
	return f.Code
}

// Many at once do not disturb each other: every one of them gives the same images as alone.
func TestExtractionsSideBySide(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "clip.mp4", make: lavfi("testsrc2=s=160x90:r=30:d=3", "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
	alone, _ := all(t, path, engine.Params{FPS: 4, Format: engine.PNG})
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			n := 0
			_, err := engine.Extract(t.Context(), open(t, path), engine.Params{FPS: 4, Format: engine.PNG}, engine.Limits{}, nil, func(i engine.Image) error {
				if !bytes.Equal(i.Data, alone[n].Data) {
					t.Errorf("image %d differs", n+1)
				}
				n++
				return nil
			})
			if err != nil || n != len(alone) {
				t.Errorf("%d images, %v", n, err)
			}
		})
	}
	group.Wait()
}

// FuzzProbe looks for a file that makes a probe end in anything but an answer or one of our sentences:
//
//	go test -fuzz FuzzProbe ./modules/processing/internal/service/engine
func FuzzProbe(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"))
	f.Add([]byte("\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x23B\x82\x88matroska"))
	f.Add([]byte("RIFF\x00\x00\x00\x00AVI LIST"))
	f.Add([]byte("FLV\x01\x05\x00\x00\x00\x09"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := engine.Probe(t.Context(), open(t, write(t, "fuzz", data)), engine.Limits{})
		var known *fault.Error
		if err != nil && (!errors.As(err, &known) || known.Kind == fault.Internal) {
			t.Errorf("%v", err)
		}
	})
}
