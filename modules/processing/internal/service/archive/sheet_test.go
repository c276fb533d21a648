package archive_test

import (
	"bytes"
	"fmt"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/service/archive"
)

// thumbed is an image every half second with a small picture of one colour, which tells its index.
func thumbed(index, w, h int) domain.Image {
	img := image(index)
	img.Instant = float64(index-1) / 2
	c := colorOf(index)
	img.Thumb, img.ThumbWidth, img.ThumbHeight = bytes.Repeat([]byte{c.R, c.G, c.B}, w*h), w, h
	return img
}

func colorOf(index int) color.RGBA {
	return color.RGBA{uint8(index * 37), uint8(index * 91), uint8(index * 53), 0xff}
}

// sheeted extracts n such images with the sheets that are asked for.
func sheeted(t *testing.T, o archive.Options, n, w, h int, r domain.Report) []byte {
	t.Helper()
	var out bytes.Buffer
	a := newZIP(t, &out, o)
	for i := range n {
		if err := a.Add(thumbed(i+1, w, h)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := a.Close(r)
	if err != nil {
		t.Fatal(err)
	}
	if got.Frames != n {
		t.Errorf("%d frames, want %d: sheets are none", got.Frames, n)
	}
	return out.Bytes()
}

func sheetOptions(contact, board bool) archive.Options {
	o := options("png", true)
	o.Params = domain.Params{FPS: 2, Extension: "png", Thumb: archive.ThumbWidth}
	o.ContactSheet, o.Storyboard = contact, board
	return o
}

// extras are the names of the entries that are no images.
func extras(t *testing.T, data []byte) (out []string) {
	t.Helper()
	for _, f := range entries(t, data).File {
		if !strings.HasPrefix(f.Name, "frame_") {
			out = append(out, f.Name)
		}
	}
	return out
}

func TestSheetsAreNamedByTheirNumber(t *testing.T) {
	t.Parallel()
	lists := []string{"manifest.csv", "manifest.json"}
	tests := []struct {
		contact, board bool
		images         int
		want           []string
	}{
		{true, false, 1, []string{"contact_sheet.jpg"}},
		{true, false, 100, []string{"contact_sheet.jpg"}},
		{true, false, 101, []string{"contact_sheet_001.jpg", "contact_sheet_002.jpg"}},
		{false, true, 7, []string{"storyboard_001.jpg", "storyboard.vtt"}},
		{true, true, 230, []string{
			"contact_sheet_001.jpg", "storyboard_001.jpg", "contact_sheet_002.jpg", "storyboard_002.jpg",
			"contact_sheet_003.jpg", "storyboard_003.jpg", "storyboard.vtt",
		}},
	}
	for _, tt := range tests {
		data := sheeted(t, sheetOptions(tt.contact, tt.board), tt.images, 16, 9, domain.Report{})
		if diff := cmp.Diff(append(tt.want, lists...), extras(t, data)); diff != "" {
			t.Errorf("%+v: %s", tt, diff)
		}
	}
}

func TestSheetsShowEveryImageInItsCell(t *testing.T) {
	t.Parallel()
	const w, h = 160, 90
	r := entries(t, sheeted(t, sheetOptions(true, false), 123, w, h, domain.Report{}))
	for page, size := range map[int][2]int{1: {10 * w, 10 * h}, 2: {10 * w, 3 * h}} {
		sheet, err := jpeg.Decode(strings.NewReader(entry(t, r, fmt.Sprintf("contact_sheet_%03d.jpg", page))))
		if err != nil {
			t.Fatal(err)
		}
		if got := sheet.Bounds().Size(); got.X != size[0] || got.Y != size[1] {
			t.Errorf("sheet %d is %v, want %v", page, got, size)
		}
		for cell := range min(100, 123-100*(page-1)) {
			at := sheet.At(cell%10*w+w/2, cell/10*h+h/2)
			if want := colorOf(100*(page-1) + cell + 1); !near(at, want) {
				t.Errorf("sheet %d, cell %d is %v, want %v", page, cell, at, want)
			}
		}
	}
	// Cells of the last row without an image stay black, also in memory that the page before has used.
	sheet, err := jpeg.Decode(strings.NewReader(entry(t, r, "contact_sheet_002.jpg")))
	if err != nil {
		t.Fatal(err)
	}
	if at := sheet.At(5*w, 2*h+h/2); !near(at, color.RGBA{A: 0xff}) {
		t.Errorf("an empty cell is %v", at)
	}
}

// near allows for what JPEG does to colours.
func near(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	near := func(x, y uint32) bool { return max(x, y)-min(x, y) < 12<<8 }
	return near(ar, br) && near(ag, bg) && near(ab, bb)
}

func TestAFewImagesMakeASmallSheet(t *testing.T) {
	t.Parallel()
	r := entries(t, sheeted(t, sheetOptions(true, false), 3, 160, 90, domain.Report{}))
	sheet, err := jpeg.DecodeConfig(strings.NewReader(entry(t, r, "contact_sheet.jpg")))
	if err != nil || sheet.Width != 480 || sheet.Height != 90 {
		t.Errorf("%+v, %v", sheet, err)
	}
}

func TestTallImagesMakeSheetsOfFewerRows(t *testing.T) {
	t.Parallel()
	data := sheeted(t, sheetOptions(true, false), 41, 16, 3000, domain.Report{})
	want := []string{"contact_sheet_001.jpg", "contact_sheet_002.jpg", "contact_sheet_003.jpg", "manifest.csv", "manifest.json"}
	if diff := cmp.Diff(want, extras(t, data)); diff != "" {
		t.Error(diff)
	}
	r := entries(t, sheeted(t, sheetOptions(true, false), 1, 16, 9000, domain.Report{}))
	sheet, err := jpeg.DecodeConfig(strings.NewReader(entry(t, r, "contact_sheet.jpg")))
	if err != nil || sheet.Height != 6400 {
		t.Errorf("%+v, %v", sheet, err)
	}
}

func TestAnImageWithoutItsSmallPictureIsAnError(t *testing.T) {
	t.Parallel()
	short := thumbed(1, 16, 9)
	short.Thumb = short.Thumb[1:]
	for _, img := range []domain.Image{image(1), short} {
		if err := newZIP(t, io.Discard, sheetOptions(true, false)).Add(img); err == nil {
			t.Errorf("a small picture of %d bytes is taken", len(img.Thumb))
		}
	}
}

func TestSheetsGoIntoFoldersToo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := newDir(t, dir, sheetOptions(true, true))
	if err := a.Add(thumbed(1, 16, 9)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Close(domain.Report{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"contact_sheet.jpg", "storyboard_001.jpg", "storyboard.vtt", "manifest.csv"} {
		if info, err := os.Stat(dir + "/" + name); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
