package archive_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/service/archive"
)

func options(ext string, manifest bool) archive.Options {
	return archive.Options{
		Source: "été \"1\".mp4", Size: 4711, Manifest: manifest,
		Params: domain.Params{FPS: 2, Extension: ext, Start: 1.5, MaxFrames: 3},
	}
}

func image(index int) domain.Image {
	return domain.Image{
		Index: index, Instant: 1.5 + float64(index-1)/2, PTS: 1.4999999999, Frame: 40 + index, Type: "B",
		Width: 64, Height: 48, Data: fmt.Appendf(nil, "picture %d", index),
	}
}

func newZIP(t *testing.T, w io.Writer, o archive.Options) *archive.Writer {
	t.Helper()
	a, err := archive.NewZIP(w, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newDir(t *testing.T, dir string, o archive.Options) *archive.Writer {
	t.Helper()
	a, err := archive.NewDir(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// fill writes n images and closes.
func fill(t *testing.T, w *archive.Writer, n int, r domain.Report) domain.Archive {
	t.Helper()
	for i := range n {
		if err := w.Add(image(i + 1)); err != nil {
			t.Fatal(err)
		}
	}
	a, err := w.Close(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestZIPHoldsTheImagesInOrderAndTheListsLast(t *testing.T) {
	t.Parallel()
	for _, ext := range []string{"png", "jpg", "jpeg"} {
		var out bytes.Buffer
		got := fill(t, newZIP(t, &out, options(ext, true)), 3, domain.Report{})

		sum := sha256.Sum256(out.Bytes())
		want := domain.Archive{Frames: 3, Size: int64(out.Len()), SHA256: hex.EncodeToString(sum[:])}
		if got != want {
			t.Errorf("summary %+v, want %+v", got, want)
		}
		r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range r.File {
			names = append(names, f.Name)
		}
		wantNames := []string{"frame_000001." + ext, "frame_000002." + ext, "frame_000003." + ext, "manifest.csv", "manifest.json"}
		if diff := cmp.Diff(wantNames, names); diff != "" {
			t.Error(diff)
		}
		if f := r.File[1]; f.Method != zip.Store || content(t, f) != "picture 2" || f.Mode() != 0o644 {
			t.Errorf("second entry is wrong: %+v", f.FileHeader)
		}
	}
}

func TestEqualExtractionsGiveEqualArchives(t *testing.T) {
	t.Parallel()
	var one, two bytes.Buffer
	a := fill(t, newZIP(t, &one, options("png", true)), 5, domain.Report{})
	b := fill(t, newZIP(t, &two, options("png", true)), 5, domain.Report{})
	if a != b || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Errorf("digests differ: %s, %s", a.SHA256, b.SHA256)
	}
}

func TestManifestDescribesEveryImage(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := 2.25
	report := domain.Report{
		Info:      domain.Info{Container: "matroska", Codec: "h264", Width: 64, Height: 48, Duration: 9, SampleAspect: "1:1"},
		Truncated: true, DamagedAt: &at, Reason: "The file ends early.",
	}
	fill(t, newZIP(t, &out, options("png", true)), 2, report)
	r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(content(t, r.File[3])), &got); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("picture 2"))
	wantImage := map[string]any{
		"name": "frame_000002.png", "instant": 2.0, "pts": 1.5, "source_frame": 42.0, "type": "B", "size": 9.0,
		"width": 64.0, "height": 48.0, "sha256": hex.EncodeToString(sum[:]),
	}
	images := got["images"].([]any)
	if diff := cmp.Diff(wantImage, images[1]); diff != "" || len(images) != 2 {
		t.Errorf("%d images: %s", len(images), diff)
	}
	want := map[string]any{
		"frame_count": 2.0, "truncated": true, "damaged_input_at": 2.25, "damaged_input_reason": "The file ends early.",
	}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s is %v, want %v", key, got[key], value)
		}
	}
	src, params := got["source"].(map[string]any), got["parameters"].(map[string]any)
	if src["name"] != "été \"1\".mp4" || src["codec"] != "h264" || src["size"] != 4711.0 {
		t.Errorf("source: %v", src)
	}
	if params["fps"] != 2.0 || params["start_time"] != 1.5 || params["max_frames"] != 3.0 || params["end_time"] != nil {
		t.Errorf("parameters: %v", params)
	}
}

func TestManifestCanBeLeftOut(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	fill(t, newZIP(t, &out, options("png", false)), 2, domain.Report{})
	r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil || len(r.File) != 2 {
		t.Fatalf("%d entries, %v", len(r.File), err)
	}
}

// TestZIPBeyond16Bits needs ZIP64: the classic directory counts to 65,535.
func TestZIPBeyond16Bits(t *testing.T) {
	t.Parallel()
	const images = 65_600
	path := filepath.Join(t.TempDir(), "many.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	got := fill(t, newZIP(t, file, options("png", false)), images, domain.Report{})
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if len(r.File) != images || got.Frames != images || r.File[images-1].Name != "frame_065600.png" {
		t.Fatalf("%d entries, %d frames", len(r.File), got.Frames)
	}
	if s := content(t, r.File[images-1]); s != "picture 65600" {
		t.Errorf("last image holds %q", s)
	}
	unzip(t, path)
}

func TestUnzipAcceptsTheArchive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "few.zip")
	var out bytes.Buffer
	fill(t, newZIP(t, &out, options("jpg", true)), 3, domain.Report{})
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	unzip(t, path)
}

// unzip has an independent program check every entry.
func unzip(t *testing.T, path string) {
	t.Helper()
	program, err := exec.LookPath("unzip")
	if err != nil {
		t.Skip("the program unzip is not installed")
	}
	if out, err := exec.CommandContext(t.Context(), program, "-tqq", path).CombinedOutput(); err != nil {
		t.Errorf("unzip: %v: %s", err, out)
	}
}

func TestDirHoldsLooseImages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := fill(t, newDir(t, dir, options("png", true)), 2, domain.Report{})
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var size int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		names, size = append(names, e.Name()), size+info.Size()
	}
	if diff := cmp.Diff([]string{"frame_000001.png", "frame_000002.png", "manifest.csv", "manifest.json"}, names); diff != "" {
		t.Error(diff)
	}
	if got.Frames != 2 || got.Size != size || got.SHA256 != "" {
		t.Errorf("summary %+v, want %d bytes", got, size)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "frame_000002.png")); err != nil || string(data) != "picture 2" {
		t.Errorf("second image holds %q, %v", data, err)
	}
}

func TestErrorsOfTheTargetComeBack(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	w := newZIP(t, failing{full}, options("png", true))
	img := image(1)
	img.Data = make([]byte, 1<<20)
	if err := w.Add(img); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	gone := newDir(t, filepath.Join(t.TempDir(), "gone"), options("png", true))
	if err := gone.Add(image(1)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func content(t *testing.T, f *zip.File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
