package archive_test

import (
	"bytes"
	stdimage "image"
	"image/jpeg"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

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
	sprites := map[string]stdimage.Image{}
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
