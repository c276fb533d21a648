//go:build cgo

package engine_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// remote is a source without a file, such as an object in a bucket. It counts what is read, and fails from a point on if asked.
type remote struct {
	data  []byte
	read  atomic.Int64
	limit int64 // bytes that it gives before it fails; 0 is no limit
}

func (r *remote) Size() int64 { return int64(len(r.data)) }

func (r *remote) ReadAt(p []byte, off int64) (int, error) {
	if r.limit > 0 && r.read.Load() > r.limit {
		return 0, errors.New("the bucket is away")
	}
	n := copy(p, r.data[min(off, int64(len(r.data))):])
	r.read.Add(int64(n))
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Of a remote MP4 only the needed bytes are fetched, and the images are those of the same file at hand.
func TestRemoteFetchesOnlyWhatItNeeds(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	for _, c := range []clip{
		{name: "long.mp4", make: lavfi("testsrc2=s=640x360:r=30:d=120,noise=alls=20:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-b:v", "6M", "-pix_fmt", "yuv420p")},
		{name: "opengop.mp4", make: lavfi("testsrc2=s=320x180:r=30:d=20", "-c:v", "libx264", "-preset", "veryfast", "-x264-params", "open-gop=1:keyint=30", "-pix_fmt", "yuv420p")},
		{name: "hevc.mp4", make: lavfi("testsrc2=s=320x180:r=30:d=8", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=30", "-pix_fmt", "yuv420p")},
		{name: "vp9.webm", make: lavfi("testsrc2=s=320x180:r=30:d=8", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "30")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := c.build(t)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			p := engine.Params{FPS: 0.1, Format: engine.PNG}
			want, _ := all(t, path, p)
			src, n := &remote{data: data}, 0
			_, err = engine.Extract(t.Context(), src, p, engine.Limits{}, nil, func(i engine.Image) error {
				if !bytes.Equal(i.Data, want[n].Data) {
					t.Errorf("image %d differs from the local one", n+1)
				}
				n++
				return nil
			})
			if err != nil || n != len(want) {
				t.Fatalf("%d images, %v", n, err)
			}
			share := float64(src.read.Load()) / float64(len(data))
			t.Logf("%.1f %% of %d bytes fetched", share*100, len(data))
			if c.name == "long.mp4" && share > 0.12 {
				t.Errorf("%.1f %% of the file was fetched for 12 of 3600 pictures", share*100)
			}
			src.read.Store(0)
			planned, err := engine.Plan(t.Context(), src, p, engine.Limits{})
			if err != nil || planned.Frames != len(want) {
				t.Errorf("plan: %d images, %v", planned.Frames, err)
			}
		})
	}
}

func TestRemoteThatFailsIsNoAnswer(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	path := clip{name: "clip.mp4", make: lavfi("testsrc2=s=320x180:r=30:d=8", "-c:v", "libx264", "-preset", "ultrafast")}.build(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = engine.Extract(t.Context(), &remote{data: data, limit: 1}, engine.Params{FPS: 1, Format: engine.PNG}, engine.Limits{}, nil, func(engine.Image) error { return nil })
	if !errors.Is(err, engine.ErrSource) {
		t.Errorf("%v, want that the source failed", err)
	}
}
