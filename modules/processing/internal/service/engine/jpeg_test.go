//go:build cgo

package engine_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// raw is a clip of uncompressed planar pictures: bytes as ffmpeg's rawvideo has them.
type raw struct {
	format        string // gray, yuv420p, yuv422p or yuv444p
	width, height int
	frames        [][]byte
}

// planes gives where the planes begin and end in a picture, and their widths.
func (r raw) planes() (ends []int, widths []int) {
	w, h := r.width, r.height
	ends, widths = []int{w * h}, []int{w}
	switch r.format {
	case "yuv420p":
		w, h = (w+1)/2, (h+1)/2
	case "yuv422p":
		w = (w + 1) / 2
	case "gray":
		return ends, widths
	}
	return append(ends, ends[0]+w*h, ends[0]+2*w*h), append(widths, w, w)
}

func (r raw) args(t *testing.T) []string {
	return []string{"-f", "rawvideo", "-pix_fmt", r.format, "-s", fmt.Sprintf("%dx%d", r.width, r.height), "-r", "10", "-i", write(t, "raw", bytes.Join(r.frames, nil))}
}

// fullFormat is the pixel format of the same chroma at full range.
func (r raw) fullFormat(gray string) string {
	if r.format == "gray" {
		return gray
	}
	return strings.Replace(r.format, "yuv", "yuvj", 1)
}

// full gives the pictures at full range, as libswscale makes them.
func (r raw) full(t *testing.T) [][]byte {
	t.Helper()
	return r.split(ffmpeg(t, append(r.args(t), "-pix_fmt", r.fullFormat("gray"), "-f", "rawvideo", "-")...))
}

// decoded gives the pixels of JPEG files as ffmpeg reads them.
func (r raw) decoded(t *testing.T, files [][]byte) [][]byte {
	t.Helper()
	path := write(t, "images", bytes.Join(files, nil))
	return r.split(ffmpeg(t, "-f", "image2pipe", "-c:v", "mjpeg", "-i", path, "-vsync", "passthrough", "-pix_fmt", r.fullFormat("gray"), "-f", "rawvideo", "-"))
}

func (r raw) split(data []byte) [][]byte {
	return slices.Collect(slices.Chunk(data, len(r.frames[0])))
}

// film makes a lossless film of the pictures.
func (r raw) film(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.mkv")
	ffmpeg(t, append(r.args(t), "-c:v", "ffv1", path)...)
	return path
}

// mjpeg gives the images that libavcodec's encoder makes of them with a quantiser scale, gray with flat chroma.
func (r raw) mjpeg(t *testing.T, scale int) (out [][]byte) {
	t.Helper()
	dir := t.TempDir()
	ffmpeg(t, append(r.args(t), "-pix_fmt", r.fullFormat("yuvj420p"), "-c:v", "mjpeg", "-q:v", strconv.Itoa(scale), "-bitexact", filepath.Join(dir, "%d.jpg"))...)
	for n := range r.frames {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.jpg", n+1)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

// unpack decodes an image to planes, one after another, as rawvideo has them.
func (r raw) unpack(t *testing.T, data []byte) (out []byte) {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("image/jpeg: %v", err)
	}
	if img.Bounds() != image.Rect(0, 0, r.width, r.height) {
		t.Fatalf("decoded to %v", img.Bounds())
	}
	rows := func(pix []byte, stride, width, height int) {
		for y := range height {
			out = append(out, pix[y*stride:y*stride+width]...)
		}
	}
	switch i := img.(type) {
	case *image.Gray:
		rows(i.Pix, i.Stride, r.width, r.height)
	case *image.YCbCr:
		w, h := r.width, r.height
		rows(i.Y, i.YStride, w, h)
		if i.SubsampleRatio != image.YCbCrSubsampleRatio444 {
			w = (w + 1) / 2
		}
		if i.SubsampleRatio == image.YCbCrSubsampleRatio420 {
			h = (h + 1) / 2
		}
		rows(i.Cb, i.CStride, w, h)
		rows(i.Cr, i.CStride, w, h)
	}
	return out
}

func meanSquare(a, b []byte) float64 {
	sum := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += d * d
	}
	return float64(sum) / float64(len(a))
}

// contents are pictures that are hard in different ways: flat, out of range, noise, and patterns with as much energy as
// can be in one coefficient, in all of them, or from one block to the next.
func contents(r raw, seed uint64) raw {
	random := rand.New(rand.NewPCG(seed, 1))
	step := func(on bool) byte {
		if on {
			return 255
		}
		return 0
	}
	for _, at := range []func(x, y int) byte{
		func(int, int) byte { return 16 },
		func(int, int) byte { return 235 },
		func(int, int) byte { return 0 },
		func(int, int) byte { return 255 },
		func(int, int) byte { return byte(random.IntN(256)) },
		func(int, int) byte { return step(random.IntN(2) > 0) },
		func(x, y int) byte { return step((x+y)%2 > 0) },
		func(x, y int) byte {
			return step(bits.OnesCount32((uint32(x/8)*7919+uint32(y/8)*104729)*2654435761)%2 > 0)
		},
		func(x, _ int) byte { return step(math.Cos(float64(2*(x%8)+1)*math.Pi/16) > 0) },
		func(x, y int) byte {
			return byte(128 + 90*math.Sin(float64(x)/9)*math.Cos(float64(y)/7) + 8*random.NormFloat64())
		},
		func(x, y int) byte { return byte(x*255/r.width/2 + y*255/r.height/2) },
		func(int, int) byte { return byte(126 + random.IntN(5)) },
	} {
		ends, widths := r.planes()
		frame, start := make([]byte, 0, ends[len(ends)-1]), 0
		for p, end := range ends {
			for i := range end - start {
				frame = append(frame, at(i%widths[p], i/widths[p]))
			}
			start = end
		}
		r.frames = append(r.frames, frame)
	}
	return r
}

// The encoder is ours; libavcodec's with the same steps says how large and how good its images have to be.
func TestJPEGIsAsGoodAndAsSmallAsLibavcodecs(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	for _, size := range []image.Point{{1, 1}, {2, 2}, {7, 5}, {17, 33}, {130, 67}, {302, 171}} {
		for _, format := range []string{"gray", "yuv420p", "yuv422p", "yuv444p"} {
			t.Run(fmt.Sprintf("%v %s", size, format), func(t *testing.T) {
				t.Parallel()
				r := contents(raw{format: format, width: size.X, height: size.Y}, uint64(size.X))
				film, want := r.film(t), r.full(t)
				for _, q := range []struct{ quality, scale int }{{100, 2}, {60, 14}, {1, 31}} {
					images, _ := all(t, film, engine.Params{Every: 1, Format: engine.JPEG, Quality: q.quality})
					if len(images) != len(want) {
						t.Fatalf("%d images of %d pictures", len(images), len(want))
					}
					theirs := r.mjpeg(t, q.scale)
					size, limit := 0, 0
					for n, i := range images {
						r.compare(t, fmt.Sprintf("quality %d, picture %d", q.quality, n), i.Data, theirs[n], want[n])
						size += len(i.Data)
						limit += len(theirs[n])*102/100 + 40 // theirs may come without JFIF's header
					}
					if size > limit {
						t.Errorf("quality %d: %d bytes, allowed are %d", q.quality, size, limit)
					}
					if q.scale == 2 {
						r.readAlike(t, images)
					}
				}
			})
		}
	}
}

func (r raw) compare(t *testing.T, what string, data, theirs, want []byte) {
	t.Helper()
	got := r.unpack(t, data)
	if len(got) != len(want) {
		t.Fatalf("%s: %d samples, want %d", what, len(got), len(want))
	}
	ours, other := meanSquare(got, want), meanSquare(r.unpack(t, theirs)[:len(got)], want)
	few := 100 / float64(len(got))   // one sample more or less that rounds well
	if ours > 1.023*other+0.05+few { // 0.1 dB
		t.Errorf("%s: mean square error %.3f, libavcodec's %.3f", what, ours, other)
	}
}

// readAlike compares what image/jpeg and ffmpeg see in the images; inverse transforms may round differently.
func (r raw) readAlike(t *testing.T, images []engine.Image) {
	t.Helper()
	var files [][]byte
	for _, i := range images {
		files = append(files, i.Data)
	}
	for n, seen := range r.decoded(t, files) {
		if d := meanSquare(seen, r.unpack(t, files[n])); d > 0.5 {
			t.Errorf("picture %d: image/jpeg and ffmpeg read it differently: %.2f", n, d)
		}
	}
}

// A flat block decodes to exactly what went in, so 256 of them show what becomes of each value: what libswscale makes of
// it. Only where that is right between two values, the other one is as good, since versions of it differ.
func TestJPEGStretchesLimitedRangeAsLibswscale(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	const side = 16 * 8
	var frame []byte
	for range 3 {
		for i := range side * side {
			frame = append(frame, byte(i/side/8*16+i%side/8))
		}
	}
	r := raw{format: "yuv444p", width: side, height: side, frames: [][]byte{frame}}
	want := r.full(t)[0]
	images, _ := all(t, r.film(t), engine.Params{Every: 1, Format: engine.JPEG, Quality: 100})
	got := r.unpack(t, images[0].Data)
	for i := range want {
		chroma, value := i >= side*side, frame[i]
		if tie := chroma && value == 16; got[i] == want[i] || tie && max(got[i], want[i]) <= 1 {
			continue
		}
		t.Fatalf("chroma %v, value %d: became %d, want %d", chroma, value, got[i], want[i])
	}
}

// What needs no stretching, what is scaled, turned or cut out, and the shape of a pixel.
func TestJPEGOfFilmsThatNeedMore(t *testing.T) {
	t.Parallel()
	needFFmpeg(t)
	x264 := []string{"-c:v", "libx264", "-preset", "ultrafast", "-qp", "0"}
	source := "testsrc2=s=322x182:r=10:d=1"
	for _, c := range []struct {
		name   string
		make   []string
		params engine.Params
		want   []string
	}{
		{"full range", append([]string{"-vf", "scale=out_range=full,format=yuvj420p", "-color_range", "pc"}, x264...), engine.Params{}, nil},
		{"10 bits", append([]string{"-pix_fmt", "yuv420p10le"}, x264...), engine.Params{}, nil},
		{"cut out", append([]string{"-pix_fmt", "yuv420p"}, x264...), engine.Params{Crop: &engine.Rect{X: 31, Y: 41, W: 100, H: 66}}, []string{"-vf", "crop=100:66:31:41"}},
		{"scaled", append([]string{"-pix_fmt", "yuv420p"}, x264...), engine.Params{Width: 100}, []string{"-vf", "scale=100:57,format=yuvj420p"}},
		{"anamorphic", append([]string{"-pix_fmt", "yuv420p", "-vf", "setsar=4/3"}, x264...), engine.Params{}, nil},
		{"RGB", []string{"-c:v", "ffv1", "-pix_fmt", "bgr0"}, engine.Params{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := clip{name: "film.mkv", make: lavfi(source, c.make...)}.build(t)
			c.params.Every, c.params.Format, c.params.Quality = 100, engine.JPEG, 100
			images, _ := all(t, path, c.params)
			file := write(t, "one.jpg", images[0].Data)
			see := func(args ...string) []byte {
				return ffmpeg(t, append(args, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-")...)
			}
			got, want := see("-i", file), see(append([]string{"-i", path}, c.want...)...)
			if len(got) != len(want) {
				t.Fatalf("%d bytes of pixels, want %d", len(got), len(want))
			}
			if d := meanSquare(got, want); d > 45 { // 31.6 dB: chroma of sharp edges is the most of it
				t.Errorf("mean square error %.1f", d)
			}
			shape := []byte{0, 1, 0, 1}
			if c.name == "anamorphic" {
				shape = []byte{0, 4, 0, 3}
			}
			if head := images[0].Data[:20]; !bytes.Equal(head[6:11], []byte("JFIF\x00")) || !bytes.Equal(head[14:18], shape) {
				t.Errorf("it begins with % x", head)
			}
		})
	}
}
