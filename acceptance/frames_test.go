//go:build acceptance

package acceptance

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"strings"
	"testing"
)

// sameFrames: the decoded pictures are those of ffmpeg's filter, pixel for pixel.
func sameFrames(t *testing.T, w *world) {
	u := w.signIn(t)
	for name, path := range map[string]string{
		"B-frames": shortClip(t),
		"odd size, no B-frames": clip(t, "odd.mkv", "-f", "lavfi", "-i", "testsrc2=size=322x182:rate=30:duration=3",
			"-c:v", "libx264", "-bf", "0", "-pix_fmt", "yuv420p"),
		"VP9":    clip(t, "v.webm", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=24:duration=3", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-pix_fmt", "yuv420p"),
		"MPEG-4": clip(t, "v.avi", "-f", "lavfi", "-i", "testsrc2=size=176x144:rate=25:duration=3", "-c:v", "mpeg4", "-q:v", "4", "-pix_fmt", "yuv420p"),
	} {
		for _, fps := range []string{"1", "7.5"} {
			t.Run(name+" at "+fps, func(t *testing.T) {
				id := w.submit(t, u, path, map[string]string{"extraction_fps": fps})
				w.reach(t, u, id, "completed", patience)
				compare(t, unzip(t, archive(t, w, u, id)), oracle(t, path, fps))
			})
		}
	}
}

// compare holds the pictures against ffmpeg's raw output.
func compare(t *testing.T, images []image.Image, want []byte) {
	t.Helper()
	if len(images) == 0 {
		t.Fatal("no pictures")
	}
	size := images[0].Bounds().Dx() * images[0].Bounds().Dy() * 3
	if len(want) != len(images)*size {
		t.Fatalf("%d pictures of %v, ffmpeg has %d bytes = %d pictures", len(images), images[0].Bounds(), len(want), len(want)/size)
	}
	for i, picture := range images {
		if !bytes.Equal(pixels(picture), want[i*size:(i+1)*size]) {
			t.Errorf("picture %d is not ffmpeg's", i+1)
		}
	}
}

// pixels writes a picture as rows of RGB bytes.
func pixels(picture image.Image) []byte {
	b := picture.Bounds()
	out := make([]byte, 0, b.Dx()*b.Dy()*3)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			out = append(out, c.R, c.G, c.B)
		}
	}
	return out
}

// jpegFrames: the format, the range and the limit are those asked for.
func jpegFrames(t *testing.T, w *world) {
	u := w.signIn(t)
	id := w.submit(t, u, shortClip(t), map[string]string{
		"extraction_fps": "10", "output_format": "jpg", "quality": "80", "start_time": "1", "end_time": "3", "max_frames": "12",
	})
	w.reach(t, u, id, "completed", patience)
	checkFrameList(t, w, u, id, 12, "jpg")
	for i, picture := range unzip(t, archive(t, w, u, id)) {
		if picture.Bounds().Dx() != 320 || picture.Bounds().Dy() != 240 {
			t.Errorf("picture %d is %v", i+1, picture.Bounds())
		}
	}
}

func archive(t *testing.T, w *world, u user, id string) []byte {
	t.Helper()
	a := w.do(t, call{method: http.MethodGet, path: job(id, "/download"), token: u.token})
	if a.status != http.StatusOK {
		t.Fatalf("download: %d: %s", a.status, a.body)
	}
	return a.body
}

// unzip decodes the pictures of an archive in its own order, which must be that of their names.
func unzip(t *testing.T, content []byte) []image.Image {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("the download is no ZIP: %v", err)
	}
	var images []image.Image
	var last string
	for _, entry := range in.File {
		if !strings.HasPrefix(entry.Name, "frame_") {
			continue
		}
		if entry.Name <= last {
			t.Errorf("%s comes after %s", entry.Name, last)
		}
		last = entry.Name
		images = append(images, decodeImage(t, entry))
	}
	return images
}

func decodeImage(t *testing.T, entry *zip.File) image.Image {
	t.Helper()
	r, err := entry.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	content, err := io.ReadAll(r) // also checks the entry's checksum
	if err != nil {
		t.Fatalf("%s: %v", entry.Name, err)
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", entry.Name, err)
	}
	return picture
}
