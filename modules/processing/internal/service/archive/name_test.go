package archive_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/service/archive"
	"github.com/fiapx/fiapx/platform/fault"
)

// names gives those of images by the template.
func names(t *testing.T, template string, images ...domain.Image) []string {
	t.Helper()
	o := options("png", false)
	o.NameTemplate = template
	w := newZIP(t, io.Discard, o)
	var out []string
	for _, img := range images {
		if err := w.Add(img); err != nil {
			t.Fatal(err)
		}
		out = append(out, w.Last())
	}
	return out
}

func TestTemplatesName(t *testing.T) {
	t.Parallel()
	img := domain.Image{Index: 12, Instant: 3723.4567, PTS: 1.0004, Frame: 345}
	for template, want := range map[string]string{
		"":                          "frame_000012.png",
		archive.DefaultName:         "frame_000012.png",
		"{n}":                       "12.png",
		"{n:03}":                    "012.png",
		"{n:01}":                    "12.png",
		"{t}":                       "03723.457.png",
		"{hms}":                     "01-02-03.457.png",
		"a.b-c_{frame}":             "a.b-c_345.png",
		"{frame:08}_at_{pts}":       "00000345_at_00001.000.png",
		"Film.{n:012}.{hms}.{t}end": "Film.000000000012.01-02-03.457.03723.457end.png",
		"contact-{n}":               "contact-12.png",
	} {
		if got := names(t, template, img); got[0] != want {
			t.Errorf("%q names %s, want %s", template, got[0], want)
		}
	}
	if got := names(t, "{frame}", domain.Image{Index: 1, Frame: -1}); got[0] != "unknown.png" {
		t.Errorf("a frame whose number is not known: %s", got[0])
	}
}

func TestTemplatesThatAreRefused(t *testing.T) {
	t.Parallel()
	for template, why := range map[string]string{
		"frame":                         "{n}, {t}, {hms} or {frame}",
		"{pts}":                         "name of its own",
		"a/{n}":                         "'/' is not allowed",
		"..{n}":                         `begin with "."`,
		"-rf{n}":                        `begin with "-"`,
		"é{n}":                          "'é' is not allowed",
		"{n} ":                          "' ' is not allowed",
		"{n}\x00":                       "is not allowed",
		`\{n}`:                          "is not allowed",
		"{x}{n}":                        "no placeholder {x}",
		"{n:6}":                         "no placeholder {n:6}",
		"{t:03}":                        "no placeholder {t:03}",
		"{n:013}":                       "at most 12 digits",
		"{n:099}":                       "at most 12 digits",
		"{n":                            "'{' is not allowed",
		"{}{n}":                         "no placeholder {}",
		"contact_sheet_{n}":             "those of the sheets",
		"Storyboard{n}":                 "those of the sheets",
		strings.Repeat("a", 99) + "{n}": "longer than 100",
	} {
		_, err := archive.NewZIP(io.Discard, archive.Options{NameTemplate: template})
		f := fault.From(err)
		if err == nil || f.Kind != fault.Invalid || f.Code != "NAME_TEMPLATE" || !strings.Contains(f.Message, why) {
			t.Errorf("%q: %v, want something about %q", template, err, why)
		}
		if err != nil && !strings.HasPrefix(f.Message, "The name template is wrong: ") {
			t.Errorf("%q: %q", template, f.Message)
		}
		if _, err := archive.NewDir(t.TempDir(), archive.Options{NameTemplate: template}); err == nil {
			t.Errorf("a folder takes %q", template)
		}
	}
}

func TestEqualNamesGetANumber(t *testing.T) {
	t.Parallel()
	images := []domain.Image{
		{Index: 1, Instant: 0, Frame: 7},
		{Index: 2, Instant: 0.0002, Frame: 7},
		{Index: 3, Instant: 0.0004, Frame: 7},
		{Index: 4, Instant: 0.5, Frame: 8},
		{Index: 5, Instant: 0.5, Frame: 9},
	}
	for template, want := range map[string][]string{
		"{t}":     {"00000.000.png", "00000.000_2.png", "00000.000_3.png", "00000.500.png", "00000.500_2.png"},
		"{hms}":   {"00-00-00.000.png", "00-00-00.000_2.png", "00-00-00.000_3.png", "00-00-00.500.png", "00-00-00.500_2.png"},
		"{frame}": {"7.png", "7_2.png", "7_3.png", "8.png", "9.png"},
		"{t}_{n}": {"00000.000_1.png", "00000.000_2.png", "00000.000_3.png", "00000.500_4.png", "00000.500_5.png"},
	} {
		if diff := cmp.Diff(want, names(t, template, images...)); diff != "" {
			t.Errorf("%s: %s", template, diff)
		}
	}
}

func TestTheManifestKnowsTheTemplate(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := options("webp", true)
	o.NameTemplate = "{frame}"
	fill(t, newZIP(t, &out, o), 2, domain.Report{})
	r := entries(t, out.Bytes())
	m := manifest(t, r)
	if got := m["parameters"].(map[string]any)["name_template"]; got != "{frame}" {
		t.Errorf("template %v", got)
	}
	if got := m["images"].([]any)[1].(map[string]any)["name"]; got != "42.webp" || r.File[1].Name != "42.webp" {
		t.Errorf("second image is %v in the list and %s in the archive", got, r.File[1].Name)
	}
}
