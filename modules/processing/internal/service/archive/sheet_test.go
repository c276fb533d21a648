package archive_test

import (
	"bytes"
	"fmt"
	goimage "image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"regexp"
	"strconv"
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
	close := func(x, y uint32) bool { return max(x, y)-min(x, y) < 12<<8 }
	return close(ar, br) && close(ag, bg) && close(ab, bb)
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

var cueText = regexp.MustCompile(`^(\d\d+):(\d\d):(\d\d\.\d{3}) --> (\d\d+):(\d\d):(\d\d\.\d{3})\n(storyboard_\d{3}\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)$`)

type cue struct {
	From, To float64
	Page     string
	XYWH     [4]int
}

// parseVTT reads what players read.
func parseVTT(t *testing.T, text string) (out []cue) {
	t.Helper()
	blocks := strings.Split(strings.TrimSuffix(text, "\n"), "\n\n")
	if blocks[0] != "WEBVTT" {
		t.Fatalf("it begins with %q", blocks[0])
	}
	for _, block := range blocks[1:] {
		m := cueText.FindStringSubmatch(block)
		if m == nil {
			t.Fatalf("%q is no cue", block)
		}
		c := cue{From: seconds(m[1:4]), To: seconds(m[4:7]), Page: m[7]}
		for i := range c.XYWH {
			c.XYWH[i], _ = strconv.Atoi(m[8+i])
		}
		out = append(out, c)
	}
	return out
}

func seconds(hms []string) (s float64) {
	for _, part := range hms {
		n, _ := strconv.ParseFloat(part, 64)
		s = s*60 + n
	}
	return s
}

func TestStoryboardCoversTheFilm(t *testing.T) {
	t.Parallel()
	const w, h = 160, 90
	r := entries(t, sheeted(t, sheetOptions(false, true), 113, w, h, domain.Report{Info: domain.Info{Duration: 56.25}}))
	cues := parseVTT(t, entry(t, r, "storyboard.vtt"))
	if len(cues) != 113 {
		t.Fatalf("%d cues", len(cues))
	}
	want := map[int]cue{
		0:   {0, 0.5, "storyboard_001.jpg", [4]int{0, 0, w, h}},
		11:  {5.5, 6, "storyboard_001.jpg", [4]int{w, h, w, h}},
		100: {50, 50.5, "storyboard_002.jpg", [4]int{0, 0, w, h}},
		112: {56, 56.25, "storyboard_002.jpg", [4]int{2 * w, h, w, h}},
	}
	for i, c := range want {
		if diff := cmp.Diff(c, cues[i]); diff != "" {
			t.Errorf("cue %d: %s", i, diff)
		}
	}
	sprites := map[string]goimage.Image{}
	for _, name := range []string{"storyboard_001.jpg", "storyboard_002.jpg"} {
		sprite, err := jpeg.Decode(strings.NewReader(entry(t, r, name)))
		if err != nil {
			t.Fatal(err)
		}
		sprites[name] = sprite
	}
	for i, c := range cues {
		if i > 0 && c.From != cues[i-1].To {
			t.Errorf("cue %d begins at %v, the one before ends at %v", i, c.From, cues[i-1].To)
		}
		if at := sprites[c.Page].At(c.XYWH[0]+w/2, c.XYWH[1]+h/2); !near(at, colorOf(i+1)) {
			t.Errorf("cue %d points at %v, want %v", i, at, colorOf(i+1))
		}
	}
}

func TestTheLastCueEndsWhereTheFilmIsKnownTo(t *testing.T) {
	t.Parallel()
	end, damage := 2.25, 1.75
	for name, tt := range map[string]struct {
		images int
		params domain.Params
		report domain.Report
		want   float64
	}{
		"end of the film":          {4, domain.Params{}, domain.Report{Info: domain.Info{Duration: 3600.5}}, 3600.5},
		"end that was asked for":   {4, domain.Params{End: &end}, domain.Report{Info: domain.Info{Duration: 9}}, 2.25},
		"damage":                   {4, domain.Params{}, domain.Report{Info: domain.Info{Duration: 9}, DamagedAt: &damage}, 1.75},
		"images are missing":       {4, domain.Params{}, domain.Report{Info: domain.Info{Duration: 9}, Truncated: true}, 2},
		"length is not known":      {4, domain.Params{}, domain.Report{}, 2},
		"one image of it, no more": {1, domain.Params{}, domain.Report{}, 1},
	} {
		o := sheetOptions(false, true)
		o.Params = tt.params
		cues := parseVTT(t, entry(t, entries(t, sheeted(t, o, tt.images, 16, 9, tt.report)), "storyboard.vtt"))
		if got := cues[len(cues)-1].To; got != tt.want || len(cues) != tt.images {
			t.Errorf("%s: %d cues, the last one to %v, want %v", name, len(cues), got, tt.want)
		}
	}
}

func TestImagesOfOneInstantShareACue(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := newZIP(t, &out, sheetOptions(false, true))
	for i, at := range []float64{0, 1, 1, 1.0001, 2} {
		img := thumbed(i+1, 16, 9)
		img.Instant = at
		if err := a.Add(img); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Close(domain.Report{Info: domain.Info{Duration: 3}}); err != nil {
		t.Fatal(err)
	}
	var got []float64
	for _, c := range parseVTT(t, entry(t, entries(t, out.Bytes()), "storyboard.vtt")) {
		got = append(got, c.From, c.To)
	}
	if diff := cmp.Diff([]float64{0, 1, 1, 2, 2, 3}, got); diff != "" {
		t.Error(diff)
	}
}
