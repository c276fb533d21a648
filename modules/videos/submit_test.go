package videos_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/modules/videos"
)

// refusal is a form that must not become a job.
type refusal struct {
	name   string
	parts  []part
	status int
	code   string
	field  string // of the first entry of errors
}

func badFields() []refusal {
	var all []refusal
	for name, values := range map[string][]string{
		"extraction_fps":   {"NaN", "Inf", "-Inf", "0", "-1", "1e9", "0.09", "60.01", "fast", "1e400"},
		"output_format":    {"gif", "PNG", "png "[:3] + "x"},
		"quality":          {"0", "101", "9.5", "best"},
		"start_time":       {"-1", "NaN", "soon"},
		"end_time":         {"NaN", "-2", "x"},
		"max_frames":       {"0", "-1", "1.5", "99999999999"},
		"width":            {"0", "-5", "20000"},
		"height":           {"x"},
		"include_manifest": {"maybe"},
		"every":            {"0", "-1", "1000001", "2.5", "x"},
		"timestamps":       {",", "-1", "1e3", "1:60", "1.5:00", "1:2:3:4", "0:61:00", "soon", "inf", "1,,x", "99999999999"},
		"keyframes_only":   {"maybe"},
		"scene_threshold":  {"0", "1.01", "NaN", "high"},
		"crop":             {"1,2,3", "0,0,0,10", "0,0,10,0", "-1,0,5,5", "a,b,c,d", "0,0,5,5,5", "0,0,99999,5", "0,0,321,10", "1,0,320,10", "0,200,10,41"},
		"dedupe":           {"-1", "33", "2.5"},
		"keep_hdr":         {"maybe"},
		"contact_sheet":    {"7"},
		"storyboard":       {"si"},
		"name_template": {
			"frame", "{pts}", "../{n}", ".{n}", "-{n}", "{n}/x", "{x}", "{n:6}", "{n:013}", "{n", "a b{n}", "Storyboard{n}", "contact_sheet_{n}", strings.Repeat("x", 98) + "{n}",
		},
	} {
		for _, v := range values {
			f, film := field(name, v), file("a.mp4", video(""))
			all = append(all,
				refusal{name + "=" + v + " before the file", []part{f, film}, 422, "request.invalid_field", name},
				refusal{name + "=" + v + " after the file", []part{film, f}, 422, "request.invalid_field", name})
		}
	}
	return all
}

func badForms() []refusal {
	film := file("a.mp4", video(""))
	many := []part{}
	for i := range 41 {
		many = append(many, field(fmt.Sprint("f", i), "x"))
	}
	return []refusal{
		{"no file", []part{field("quality", "5")}, 422, "request.invalid_field", "video_file"},
		{"no file name", []part{{name: "video_file", kind: "video/mp4", value: video("")}}, 400, "videos.filename_required", ""},
		{"the file as a field", []part{field("video_file", "x")}, 400, "videos.filename_required", ""},
		{"empty file", []part{file("a.mp4", nil)}, 400, "videos.empty_file", ""},
		{"one byte", []part{file("a.mp4", []byte("x"))}, 400, "videos.invalid_video_format", ""},
		{"other extension", []part{file("a.txt", video(""))}, 400, "videos.unsupported_format", ""},
		{"no extension", []part{file("film", video(""))}, 400, "videos.unsupported_format", ""},
		{"only an extension of kilobytes", []part{file("a."+strings.Repeat("z", 3000), video(""))}, 400, "videos.unsupported_format", ""},
		{"other content type", []part{{"video_file", "a.mp4", "image/png", video("")}}, 400, "videos.not_a_video", ""},
		{"a playlist", []part{file("a.mp4", []byte("#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n"))}, 400, "videos.invalid_video_format", ""},
		{"a picture", []part{file("a.mp4", []byte("\x89PNG\r\n\x1a\n0000000000000000"))}, 400, "videos.invalid_video_format", ""},
		{"sound only", []part{file("a.mp4", video("soundonly"))}, 400, "NO_VIDEO_STREAM", ""},
		{"the probe breaks", []part{file("a.mp4", video("probecrash"))}, 500, "internal", ""},
		{"two files", []part{film, film}, 400, "videos.too_many_files", ""},
		{"another file", []part{film, {"poster", "p.png", "image/png", []byte("x")}}, 422, "request.invalid_field", "poster"},
		{"too many parts", append(many, film), 400, "videos.too_many_parts", ""},
		{"too many parts after the file", append([]part{film}, many...), 400, "videos.too_many_parts", ""},
		{"a long field", []part{film, field("note", strings.Repeat("x", 4097))}, 422, "request.invalid_field", "note"},
		{"a field twice", []part{film, field("quality", "5"), field("quality", "6")}, 422, "request.invalid_field", "quality"},
		{"end before start", []part{film, field("start_time", "3"), field("end_time", "2")}, 400, "videos.end_before_start", ""},
		{"end equals start", []part{field("start_time", "3"), field("end_time", "3"), film}, 400, "videos.end_before_start", ""},
		{"end at zero", []part{film, field("end_time", "0")}, 400, "videos.end_before_start", ""},
		{"start at the end of the video", []part{film, field("start_time", "5")}, 400, "videos.start_beyond_end", ""},
		{"a byte too many", []part{file("a.mp4", append(video(""), make([]byte, limit)...))}, 413, "videos.file_too_large", ""},
		{"a part header of kilobytes", []part{film, field(strings.Repeat("n", 20000), "x")}, 400, "videos.malformed_form", ""},
	}
}

const limit = 8192

func small(c *videos.Config) { c.MaxFileSize = limit }

// Whatever is wrong, the answer says what, and nothing stays behind.
func TestSubmitRefusalsLeaveNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, small)
	for _, r := range append(badForms(), badFields()...) {
		a := w.post("ann", r.parts...)
		if a.status != r.status || a.at(t, "code") != r.code {
			t.Errorf("%s: %d %s, want %d %s", r.name, a.status, a.body, r.status, r.code)
		}
		if r.field != "" {
			errs, _ := a.at(t, "errors").([]any)
			if len(errs) == 0 || errs[0].(map[string]any)["field"] != r.field {
				t.Errorf("%s: errors %v, want the field %s", r.name, errs, r.field)
			}
		}
		if detail, _ := a.at(t, "detail").(string); detail == "" || strings.Contains(detail, "secret") {
			t.Errorf("%s: detail %q", r.name, detail)
		}
		if keys := w.keys(); len(keys) != 0 {
			t.Fatalf("%s: left %v", r.name, keys)
		}
	}
	if n := w.get("ann", "/jobs").at(t, "data.pagination.total_count"); n != 0.0 {
		t.Errorf("%v jobs were made", n)
	}
}

func TestSubmitRefusesBrokenBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whole, kind := multi(t, file("a.mp4", video("")))
	for _, c := range []struct {
		name, kind string
		body       []byte
		status     int
		code       string
	}{
		{"cut in the file", kind, whole[:len(whole)-500], 400, "videos.malformed_form"},
		{"cut before the end", kind, whole[:len(whole)-6], 400, "videos.malformed_form"},
		{"nothing", kind, nil, 422, "request.invalid_field"},
		{"no boundary", "multipart/form-data", whole, 400, "videos.malformed_form"},
		{"long boundary", "multipart/form-data; boundary=" + strings.Repeat("b", 71), whole, 400, "videos.malformed_form"},
	} {
		a := w.do("ann", http.MethodPost, "/submit", bytes.NewReader(c.body), "Content-Type", c.kind)
		if a.status != c.status || a.at(t, "code") != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, a.status, a.body, c.status, c.code)
		}
	}
	a := w.do("ann", http.MethodPost, "/submit", strings.NewReader("x"), "Content-Type", "text/plain")
	if a.status != http.StatusUnsupportedMediaType || a.at(t, "code") != "videos.not_multipart" {
		t.Errorf("not a form: %d %s", a.status, a.body)
	}
	if keys := w.keys(); len(keys) != 0 {
		t.Errorf("left %v", keys)
	}
}

// The answer to a request without a token must not wait for the body, which never comes here.
func TestSubmitAuthenticatesBeforeTheBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, hold := io.Pipe()
	defer func() { _ = hold.Close() }()
	a := w.do("", http.MethodPost, "/submit", r, "Content-Type", "multipart/form-data; boundary=b")
	if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
		t.Errorf("%d %v", a.status, a.header)
	}
}

func TestSubmitTellsOversizeByItsLength(t *testing.T) {
	t.Parallel()
	w := newWorld(t, small)
	r, hold := io.Pipe()
	defer func() { _ = hold.Close() }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/video-processing/submit", r)
	w.must(err)
	req.ContentLength = 3 << 20
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	req.Header.Set("Authorization", "Bearer "+w.token("ann"))
	res, err := w.server.Client().Do(req)
	w.must(err)
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestSubmitRefusesWhenTheStorageIsFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *videos.Config) { c.MaxDisk = 0.0001 })
	a := w.post("ann", file("a.mp4", video("")))
	if a.status != http.StatusServiceUnavailable || a.at(t, "code") != "videos.storage_full" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestSubmitAccepts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, small)
	exact := append(video(""), make([]byte, limit-len(video("")))...)
	for _, c := range []struct{ name, shown, kind string }{
		{"FILM.MP4", "FILM.MP4", "video/mp4"},
		{"a.m4v", "a.m4v", "application/octet-stream"},
		{`C:\films\b.mov`, "b.mov", "video/quicktime"},
		{"../../etc/c.mkv", "c.mkv", "video/x-matroska"},
		{"evil\u202egpj.webm", "evilgpj.webm", "video/webm"},
		{"cafe\u0301.avi", "caf\u00e9.avi", "video/x-msvideo"},
		{strings.Repeat("ã", 200) + ".flv", strings.Repeat("ã", 125) + ".flv", "video/x-flv"},
		{"a\tb.wmv", "ab.wmv", "video/x-ms-wmv"},
	} {
		a := w.post("ann", part{"video_file", c.name, c.kind, exact}, field("unknown", "is ignored"))
		if a.status != http.StatusCreated || a.at(t, "data.video_info.original_filename") != c.shown {
			t.Errorf("%q: %d %s, want the name %q", c.name, a.status, a.body, c.shown)
		}
	}
}

// Preferences fill what is absent; what is given counts even if it equals the default of the field.
func TestPreferencesFillAbsentFieldsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	put := w.do("ann", http.MethodPut, "/user/preferences",
		strings.NewReader(`{"processing":{"default_fps":4,"default_quality":50,"max_frames":7,"auto_cleanup":false}}`), "Content-Type", "application/json")
	if put.status != http.StatusOK {
		t.Fatalf("put: %d %s", put.status, put.body)
	}
	w.submit("ann")
	c := w.claim("w")
	if c.Params.FPS != 4 || c.Params.Quality != 50 || c.Params.MaxFrames == nil || *c.Params.MaxFrames != 7 {
		t.Errorf("absent fields gave %+v", c.Params)
	}
	w.finish(c, 3)
	if keys := w.keys(); len(keys) != 2 {
		t.Errorf("auto_cleanup off, but the storage holds %v", keys)
	}
	w.submit("ann", field("extraction_fps", "1.0"), field("quality", "95"))
	if c := w.claim("w"); c.Params.FPS != 1 || c.Params.Quality != 95 {
		t.Errorf("given fields gave %+v", c.Params)
	}
	w.submit("bob")
	if c := w.claim("w"); c.Params.FPS != 1 || c.Params.Quality != 95 || c.Params.MaxFrames != nil {
		t.Errorf("another user got %+v", c.Params)
	}
}
