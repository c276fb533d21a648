package archive_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

func entries(t *testing.T, data []byte) *zip.Reader {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// entry is what the archive holds by that name.
func entry(t *testing.T, r *zip.Reader, name string) string {
	t.Helper()
	for _, f := range r.File {
		if f.Name == name {
			return content(t, f)
		}
	}
	t.Fatalf("there is no %s", name)
	return ""
}

func manifest(t *testing.T, r *zip.Reader) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(entry(t, r, "manifest.json")), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTableHoldsWhatTheManifestHolds(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := newZIP(t, &out, options("png", true))
	unnumbered := image(3)
	unnumbered.Frame = -1
	for _, img := range []domain.Image{image(1), image(2), unnumbered} {
		if err := w.Add(img); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(domain.Report{}); err != nil {
		t.Fatal(err)
	}
	text := entry(t, entries(t, out.Bytes()), "manifest.csv")
	if n := strings.Count(text, "\r\n"); n != 4 || strings.Count(text, "\n") != n {
		t.Errorf("lines do not end as RFC 4180 says: %q", text)
	}
	got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	want := [][]string{
		{"name", "instant", "pts", "source_frame", "type", "width", "height", "bytes", "sha256"},
		{"frame_000001.png", "1.5", "1.5", "41", "B", "64", "48", "9", sum("picture 1")},
		{"frame_000002.png", "2", "1.5", "42", "B", "64", "48", "9", sum("picture 2")},
		{"frame_000003.png", "2.5", "1.5", "", "B", "64", "48", "9", sum("picture 3")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestManifestTellsWhatIsNotThere(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := 7.5
	fill(t, newZIP(t, &out, options("png", true)), 1, domain.Report{
		Truncated: true, DamagedAt: &at, Reason: "It ends.", Toned: true, Drops: 12_000,
		Dropped: []domain.Drop{{Instant: 2, PTS: 1.96, Like: 1, Distance: 3}, {Instant: 2.5, PTS: 2.48, Like: 1, Distance: 0}},
	})
	m := manifest(t, entries(t, out.Bytes()))
	for key, want := range map[string]any{
		"truncated": true, "damaged_input_at": 7.5, "damaged_input_reason": "It ends.", "tone_mapped": true, "dropped_count": 12_000.0,
	} {
		if m[key] != want {
			t.Errorf("%s is %v, want %v", key, m[key], want)
		}
	}
	want := []any{
		map[string]any{"instant": 2.0, "pts": 1.96, "like": 1.0, "distance": 3.0},
		map[string]any{"instant": 2.5, "pts": 2.48, "like": 1.0, "distance": 0.0},
	}
	if diff := cmp.Diff(want, m["dropped"]); diff != "" {
		t.Error(diff)
	}
}

func TestManifestTellsTheWayOfChoosing(t *testing.T) {
	t.Parallel()
	for key, tt := range map[string]struct {
		params domain.Params
		value  any
		rule   string
	}{
		"fps":        {domain.Params{FPS: 0.5}, 0.5, "start_time + (k-1)/fps"},
		"every":      {domain.Params{Every: 3}, 3.0, "every Nth source frame"},
		"timestamps": {domain.Params{Times: []float64{1, 2.5}}, []any{1.0, 2.5}, "not after the timestamp"},
		"keyframes":  {domain.Params{Keyframes: true}, true, "keyframes"},
		"scene":      {domain.Params{Scene: 0.3}, 0.3, "differs"},
	} {
		tt.params.Crop = &domain.Rect{X: 1, Y: 2, W: 30, H: 40}
		tt.params.Dedupe, tt.params.NoTone = 6, true
		o := options("png", true)
		o.Params = tt.params
		var out bytes.Buffer
		fill(t, newZIP(t, &out, o), 1, domain.Report{})
		m := manifest(t, entries(t, out.Bytes()))
		p := m["parameters"].(map[string]any)
		if diff := cmp.Diff(tt.value, p[key]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
		if rule := m["sampling"].(string); !strings.Contains(rule, tt.rule) {
			t.Errorf("%s: the rule is %q", key, rule)
		}
		crop := map[string]any{"x": 1.0, "y": 2.0, "width": 30.0, "height": 40.0}
		if diff := cmp.Diff(crop, p["crop"]); diff != "" || p["dedupe"] != 6.0 || p["keep_hdr"] != true {
			t.Errorf("%s: %v %s", key, p, diff)
		}
		for _, other := range []string{"fps", "every", "timestamps", "keyframes", "scene"} {
			if _, there := p[other]; there != (other == key) {
				t.Errorf("with %s: %s is there: %v", key, other, there)
			}
		}
	}
}
