package domain_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

var states = []domain.Status{domain.Pending, domain.Processing, domain.Completed, domain.Failed, domain.Cancelled}

func TestStateMachine(t *testing.T) {
	t.Parallel()
	want := map[domain.Status]string{
		domain.Pending: "processing cancelled", domain.Processing: "pending completed failed cancelled",
		domain.Completed: "", domain.Failed: "pending", domain.Cancelled: "",
	}
	for _, from := range states {
		for _, to := range states {
			if got := from.CanBecome(to); got != strings.Contains(want[from], string(to)) {
				t.Errorf("%s -> %s: %v", from, to, got)
			}
		}
	}
	if domain.Status("queued").Valid() || domain.Status("queued").CanBecome(domain.Pending) {
		t.Error("an unknown state is valid or leads somewhere")
	}
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"a.mp4": "a.mp4", "../../x.mp4": "x.mp4", `C:\x\y.mp4`: "y.mp4", "a\x00b\n.mp4": "ab.mp4", "..": "", "": "", "/": "",
		"a\u202egpj.mp4": "agpj.mp4", "-y.mp4": "-y.mp4", "con<>cat:a.mp4": "con__cat_a.mp4", "%03d.mp4": "%03d.mp4",
		"\xff\xfe.mp4": ".mp4", "  a b .mp4 ": "a b .mp4", strings.Repeat("x", 300) + ".mp4": strings.Repeat("x", 251) + ".mp4",
	} {
		if got := domain.CleanName(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("../\u202ea\x00.mp4")
	f.Add(strings.Repeat("é", 400))
	f.Fuzz(func(t *testing.T, raw string) {
		got := domain.CleanName(raw)
		if len(got) > 255 || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\"\r\n") || got == ".." || domain.CleanName(got) != got {
			t.Errorf("%q became %q", raw, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.In(r, unicode.Cf) {
				t.Errorf("%q kept %U", raw, r)
			}
		}
	})
}

func TestLooksLikeVideo(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"\x00\x00\x00\x18ftypisom", "\x00\x00\x10\x00moov....", "\x00\x00\x00\x08wide....", "\x00\x00\x00\x01mdat....", "\x1a\x45\xdf\xa3....",
		"RIFF\x00\x00\x00\x00AVI LIST", "FLV\x01\x05", "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",
	} {
		if !domain.LooksLikeVideo([]byte(good)) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{
		"", "x", "#EXTM3U\n#EXT-X", "ffconcat version 1.0", "RIFF\x00\x00\x00\x00WAVEfmt ", "\x89PNG\r\n\x1a\n", "PK\x03\x04....", "GIF89a......",
		"<?xml version", "FLV\x02", "\x7fELF\x02\x01\x01\x00\x00",
	} {
		if domain.LooksLikeVideo([]byte(bad)) {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestEstimates(t *testing.T) {
	t.Parallel()
	end, two := 4.0, 2
	for _, c := range []struct {
		duration float64
		p        domain.Params
		want     int64
		known    bool
	}{
		{5, domain.Params{Every: 10}, 13, true}, // 125 pictures, the first included
		{5, domain.Params{Every: 25, Start: 1, End: &end}, 3, true},
		{5, domain.Params{Times: []float64{0, 0.5, 4, 4.9, 5, 7}}, 4, true},
		{5, domain.Params{Times: []float64{0, 0.5, 4, 4.9}, Start: 0.5, End: &end}, 1, true},
		{5, domain.Params{Times: []float64{0, 0.5, 4, 4.9}, MaxFrames: &two}, 2, true},
		{5, domain.Params{Keyframes: true}, 0, false},
		{5, domain.Params{Scene: 0.3}, 0, false},
		{5, domain.Params{FPS: 2, Dedupe: 4}, 10, true},

		{5, domain.Params{FPS: 2}, 10, true},
		{5, domain.Params{FPS: 2, Start: 1}, 8, true},
		{5, domain.Params{FPS: 2, Start: 1, End: &end}, 6, true},
		{5, domain.Params{FPS: 2, MaxFrames: &two}, 2, true},
		{0.1, domain.Params{FPS: 60}, 6, true},
		{0, domain.Params{FPS: 2}, 0, false},
		{math.MaxFloat64, domain.Params{FPS: 60}, math.MaxInt32, true},
	} {
		if got, known := domain.EstimateFrames(domain.VideoInfo{Duration: c.duration, FrameRate: 25}, c.p); got != c.want || known != c.known {
			t.Errorf("%v of %+v: %d %v, want %d %v", c.duration, c.p, got, known, c.want, c.known)
		}
	}
	if _, known := domain.EstimateFrames(domain.VideoInfo{Duration: 5}, domain.Params{Every: 2}); known {
		t.Error("every Nth picture of an unknown frame rate is estimated")
	}
	// 600 s, 100 MiB, 2/s, quality 95, 1200 frames: 600*0.5*1*2*1 + 12 = 612 s.
	if got := domain.EstimateMinutes(600, 100<<20, domain.Params{FPS: 2, Quality: 95}, 1200); got != 10.2 {
		t.Errorf("minutes %v, want 10.2", got)
	}
	// The same 1200 pictures asked for in another way.
	if got := domain.EstimateMinutes(600, 100<<20, domain.Params{Every: 15, Quality: 95}, 1200); got != 10.2 {
		t.Errorf("minutes %v, want 10.2", got)
	}
	if got := domain.EstimateMinutes(0, 1, domain.Params{}, 0); got != 5 {
		t.Errorf("minutes of an unknown duration %v, want 5", got)
	}
}

func TestEstimatedCompletion(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	now := start.Add(4 * time.Second)
	job := domain.Job{Status: domain.Processing, StartedAt: &start, Info: domain.VideoInfo{Duration: 5}}
	if at := job.EstimatedCompletion(now); !at.Equal(start.Add(10 * time.Second)) {
		t.Errorf("by the duration: %v", at)
	}
	job.Progress = domain.Progress{ETA: 3, At: &now}
	if at := job.EstimatedCompletion(now); !at.Equal(now.Add(3 * time.Second)) {
		t.Errorf("by the measured speed: %v", at)
	}
	if at := job.EstimatedCompletion(now.Add(time.Hour)); !at.Equal(now.Add(time.Hour)) {
		t.Errorf("an estimate in the past: %v", at)
	}
	job.Status = domain.Completed
	if at := job.EstimatedCompletion(now); at != nil {
		t.Errorf("of a completed job: %v", at)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	const id = "6f2f0a1e-3b1c-4d55-9a60-6a3a3a3a3a3a"
	for _, user := range []string{"6f2f0a1e", "../../etc", "a/b", "", strings.Repeat("x", 100), "ü"} {
		key := domain.ResultKey(user, id, 7)
		job, token, ok := domain.ParseResultKey(key)
		if !ok || job != id || token != 7 || strings.Count(key, "/") != 3 || strings.Contains(key, "..") {
			t.Errorf("%q gives %s, read as %s %d %v", user, key, job, token, ok)
		}
	}
	for _, key := range []string{"results/a/b/1.zip", "videos/a/" + id + "/1.zip", "results/a/" + id + "/x.zip", "results/a/" + id + "/1"} {
		if _, _, ok := domain.ParseResultKey(key); ok {
			t.Errorf("%s passes for a key of ours", key)
		}
	}
	for _, bad := range []string{"", "x", id + "0", id[:35], strings.ReplaceAll(id, "-", ""), "' OR 1=1"} {
		if _, err := domain.ParseID(bad); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if got, err := domain.ParseID(strings.ToUpper(id)); err != nil || got != id {
		t.Errorf("upper case: %q %v", got, err)
	}
}

func TestProgressIsKeptSane(t *testing.T) {
	t.Parallel()
	got := domain.Progress{Percent: math.NaN(), Rate: math.Inf(1), ETA: -3, Frames: -1}.Sane()
	if got != (domain.Progress{}) {
		t.Errorf("%+v", got)
	}
	if p := (domain.Progress{Percent: 100}).Sane().Percent; p != 95 {
		t.Errorf("a running job shows %v", p)
	}
}

func TestSizeInWords(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]string{500 << 20: "500MB", 8192: "8KB", 100: "100B", 20 << 30: "20GB", 1536 << 20: "1536MB"} {
		if got := domain.Size(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}
