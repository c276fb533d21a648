package videos_test

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
)

func TestDownloadRangesAndConditions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.submit("ann")
	c := w.claim("w")
	w.clock.advance(1500 * time.Millisecond)
	raw := w.finish(c, 9)
	url := "/jobs/" + id + "/download"
	full := w.get("ann", url)
	etag := full.header.Get("ETag")
	if len(etag) != 66 || etag[0] != '"' {
		t.Fatalf("ETag %q is not a strong sha256", etag)
	}
	for _, c := range []struct {
		name    string
		headers []string
		status  int
		body    []byte
	}{
		{"whole", nil, 200, raw},
		{"middle", []string{"Range", "bytes=10-19"}, 206, raw[10:20]},
		{"rest", []string{"Range", "bytes=100-"}, 206, raw[100:]},
		{"last ten", []string{"Range", "bytes=-10"}, 206, raw[len(raw)-10:]},
		{"same object", []string{"Range", "bytes=5-6", "If-Range", etag}, 206, raw[5:7]},
		{"another object", []string{"Range", "bytes=5-6", "If-Range", `"other"`}, 200, raw},
		{"has it", []string{"If-None-Match", etag}, 304, nil},
		{"wants another", []string{"If-Match", `"other"`}, 412, nil},
		{"unknown unit", []string{"Range", "lines=1-2"}, 416, nil},
		{"beyond the end", []string{"Range", fmt.Sprintf("bytes=%d-", len(raw))}, 416, nil},
	} {
		a := w.do("ann", http.MethodGet, url, nil, c.headers...)
		if a.status != c.status || c.body != nil && !bytes.Equal(a.body, c.body) {
			t.Errorf("%s: %d with %d bytes, want %d with %d", c.name, a.status, len(a.body), c.status, len(c.body))
		}
		if c.status == 416 && (a.at(t, "status") != 416.0 || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json")) {
			t.Errorf("%s: %v %s", c.name, a.header, a.body)
		}
	}
	head := w.do("ann", http.MethodHead, url, nil)
	for _, h := range []string{"Content-Type", "Content-Length", "ETag", "Accept-Ranges", "Last-Modified", "Content-Disposition", "X-Job-Id", "X-Frame-Count"} {
		if head.header.Get(h) == "" || head.header.Get(h) != full.header.Get(h) {
			t.Errorf("HEAD says %s: %q, GET %q", h, head.header.Get(h), full.header.Get(h))
		}
	}
	if d := full.header.Get("X-Processing-Duration"); d != "1.5" {
		t.Errorf("X-Processing-Duration %q", d)
	}
	if d := full.header.Get("X-Video-Duration"); d != "5" {
		t.Errorf("X-Video-Duration %q", d)
	}
	if d := full.header.Get("X-Processing-Completed"); !strings.HasSuffix(d, "Z") {
		t.Errorf("X-Processing-Completed %q", d)
	}
	var count int
	w.must(w.db.Raw("SELECT download_count FROM jobs").Scan(&count).Error)
	// full, whole, rest, last ten and another object reached the last byte; HEAD, 304 and the middle did not.
	if count != 5 {
		t.Errorf("%d downloads counted, want 5", count)
	}
}

func TestDownloadName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, want := range map[string][2]string{
		"My film.mp4":   {"My_film_frames_20300102_120000.zip", "My_film_frames_20300102_120000.zip"},
		"São Paulo.mp4": {"So_Paulo_frames_20300102_120000.zip", "São_Paulo_frames_20300102_120000.zip"},
		"映画.mp4":        {"", "映画_frames_20300102_120000.zip"},
	} {
		a := w.post("ann", file(name, video("")))
		id := a.at(t, "data.job.id").(string)
		w.finish(w.claim("w"), 1)
		header := w.get("ann", "/jobs/"+id+"/download").header.Get("Content-Disposition")
		kind, params, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" {
			t.Errorf("%s: %q: %v", name, header, err)
		}
		// Go prefers the extended parameter where both are there.
		if params["filename"] != want[1] {
			t.Errorf("%s: extended name %q, want %q", name, params["filename"], want[1])
		}
		ascii := want[0]
		if ascii == "" {
			ascii = id + "_frames.zip"
		}
		if !strings.Contains(header, `filename="`+ascii+`"`) {
			t.Errorf("%s: %s lacks the plain name %s", name, header, ascii)
		}
	}
}

func TestDownloadBeforeAndAfterItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *videos.Config) { c.MaxAttempts = 1 })
	id := w.submit("ann")
	for _, what := range []string{"download", "frames"} {
		if a := w.get("ann", "/jobs/"+id+"/"+what); a.status != http.StatusBadRequest || a.at(t, "code") != "videos.not_completed" {
			t.Errorf("%s of a waiting job: %d %s", what, a.status, a.body)
		}
	}
	c := w.claim("w")
	w.finish(c, 1)
	if _, err := w.blobs.Delete(t.Context(), c.ResultKey); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"download", "frames"} {
		if a := w.get("ann", "/jobs/"+id+"/"+what); a.status != http.StatusNotFound || a.at(t, "code") != "videos.result_gone" {
			t.Errorf("%s of a lost archive: %d %s", what, a.status, a.body)
		}
	}
}
