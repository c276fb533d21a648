package smoke

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"testing"
)

// entry is a file of an archive.
type entry struct {
	name    string
	content []byte
}

func archive(t *testing.T, entries []entry) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, e := range entries {
		w, err := z.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// painted is a picture of two halves, all channels off by shift.
func painted(t *testing.T, w, h int, c halves, shift uint8) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, w, h))
	off := func(c color.RGBA) image.Image {
		return image.NewUniform(color.RGBA{c.R - shift, c.G - shift, c.B - shift, 0xFF})
	}
	draw.Draw(picture, image.Rect(0, 0, w/2, h), off(c.left), image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(w/2, 0, w, h), off(c.right), image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// right is the archive as it should be, in another order than that of time.
func right(t *testing.T, shift uint8) (entries []entry) {
	t.Helper()
	for i := len(expected) - 1; i >= 0; i-- {
		entries = append(entries, entry{fmt.Sprintf("frame_%06d.png", i+1), painted(t, width, height, expected[i], shift)})
	}
	return entries
}

func TestCompare(t *testing.T) {
	t.Parallel()
	change := func(i int, e entry) []byte {
		entries := right(t, 0)
		entries[i] = e
		return archive(t, entries)
	}
	for name, c := range map[string]struct {
		archive []byte
		code    string // empty is right
		says    string
	}{
		"right":                 {archive(t, right(t, 0)), "", ""},
		"rounded by a decoder":  {archive(t, right(t, 3)), "", ""},
		"far too dark":          {archive(t, right(t, 30)), "smoke.wrong_frames", "frame_000001.png does not show what the video shows at second 0"},
		"no archive":            {[]byte("<html>"), "smoke.not_an_archive", "no ZIP archive"},
		"a picture is missing":  {archive(t, right(t, 0)[1:]), "smoke.wrong_frames", "holds 3 files where 4 pictures"},
		"under another name":    {change(0, entry{"other.png", nil}), "smoke.wrong_frames", "does not hold frame_000004.png"},
		"not a picture":         {change(0, entry{"frame_000004.png", []byte("no")}), "smoke.wrong_frames", "frame_000004.png in the archive is no PNG"},
		"of another size":       {change(1, entry{"frame_000003.png", painted(t, 48, 32, expected[2], 0)}), "smoke.wrong_frames", "is 48 x 32 pixels where 96 x 64"},
		"of another second":     {change(2, entry{"frame_000002.png", painted(t, width, height, expected[3], 0)}), "smoke.wrong_frames", "at second 1"},
		"half of it is another": {change(3, entry{"frame_000001.png", painted(t, width, height, halves{red, blue}, 0)}), "smoke.wrong_frames", "at second 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := compare(c.archive)
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if f := spoken(err); err == nil || f.Code != c.code || !strings.Contains(f.Message, c.says) {
				t.Errorf("says %v, want %s about %q", err, c.code, c.says)
			}
		})
	}
}

func TestSecondsOfFrames(t *testing.T) {
	t.Parallel()
	if len(clip) == 0 || len(clip) > 30_000 {
		t.Errorf("the clip has %d bytes", len(clip))
	}
	for i := range expected {
		for j := range expected {
			if same := like(expected[i].left, expected[j].left) && like(expected[i].right, expected[j].right); same != (i == j) {
				t.Errorf("seconds %d and %d cannot be told apart", i, j)
			}
		}
	}
	if err := both(nil, nil); err != nil {
		t.Error(err)
	}
	if err := both(errors.New("first"), errors.New("second")); spoken(err).Message != "first. Then second." {
		t.Errorf("both says %q", spoken(err).Message)
	}
}
