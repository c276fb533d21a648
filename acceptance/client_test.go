//go:build acceptance

package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// client calls a deployment and remembers which operations were driven.
type client struct {
	d      *deployment
	mu     sync.Mutex
	driven map[string]bool // "GET /path"
}

// call is one request. The zero body sends none.
type call struct {
	method, path, token string
	body                any // string and []byte are sent as they are, all else as JSON
	contentType         string
	header              http.Header
}

// transport does what it is told: no redirects are followed, and a silent server fails the test instead of hanging it.
var transport = &http.Transport{ResponseHeaderTimeout: time.Minute}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (c *client) do(t *testing.T, q call) answer {
	t.Helper()
	a, err := c.try(t, q)
	if err != nil {
		t.Fatalf("%s %s: %v", q.method, q.path, err)
	}
	return a
}

// try is do for servers that may be away.
func (c *client) try(t *testing.T, q call) (answer, error) {
	t.Helper()
	body, contentType := encode(t, q)
	request, err := http.NewRequestWithContext(t.Context(), q.method, c.address(q.path), body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range q.header {
		request.Header[name] = values
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if q.token != "" {
		request.Header.Set("Authorization", "Bearer "+q.token)
	}
	c.note(q)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, body: content}, err
}

func (c *client) note(q call) {
	path, _, _ := strings.Cut(q.path, "?")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.driven[q.method+" "+path] = true
}

func (c *client) address(path string) string {
	for _, prefix := range []string{"/auth", "/users", "/admin", "/.well-known"} {
		if strings.HasPrefix(path, prefix) {
			return "http://" + c.d.auth + path
		}
	}
	return "http://" + c.d.api + path
}

func encode(t *testing.T, q call) (io.Reader, string) {
	t.Helper()
	switch body := q.body.(type) {
	case nil:
		return http.NoBody, q.contentType
	case string:
		return strings.NewReader(body), q.contentType
	case []byte:
		return bytes.NewReader(body), q.contentType
	default:
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(text), "application/json"
	}
}

// get, post and their like assert the status and decode the JSON body.
func (c *client) get(t *testing.T, token, path string) object {
	t.Helper()
	return c.json(t, http.StatusOK, call{method: http.MethodGet, path: path, token: token})
}

func (c *client) post(t *testing.T, token, path string, body any) object {
	t.Helper()
	return c.json(t, http.StatusOK, call{method: http.MethodPost, path: path, token: token, body: body})
}

func (c *client) json(t *testing.T, status int, q call) object {
	t.Helper()
	a := c.do(t, q)
	if a.status != status {
		t.Fatalf("%s %s: status %d, want %d: %s", q.method, q.path, a.status, status, a.body)
	}
	if kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); kind != "application/json" {
		t.Fatalf("%s %s: content type %q, want application/json", q.method, q.path, kind)
	}
	return decode(t, a.body)
}

// object is a JSON document; at walks it.
type object struct{ value any }

func decode(t *testing.T, text []byte) object {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("not JSON: %v: %s", err, text)
	}
	return object{v}
}

// at gives the value at a dotted path ("data.job.id"); a missing key fails the test, null does not.
func (o object) at(t *testing.T, path string) any {
	t.Helper()
	v := o.value
	for key := range strings.SplitSeq(path, ".") {
		inner, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("no %s in %v", path, o.value)
		}
		if v, ok = inner[key]; !ok {
			t.Fatalf("no %s in %v", path, o.value)
		}
	}
	return v
}

func (o object) text(t *testing.T, path string) string {
	t.Helper()
	s, ok := o.at(t, path).(string)
	if !ok {
		t.Fatalf("%s is %v, want a string", path, o.at(t, path))
	}
	return s
}

func (o object) number(t *testing.T, path string) float64 {
	t.Helper()
	n, ok := o.at(t, path).(float64)
	if !ok {
		t.Fatalf("%s is %v, want a number", path, o.at(t, path))
	}
	return n
}

func (o object) list(t *testing.T, path string) []object {
	t.Helper()
	v := o.value
	if path != "" {
		v = o.at(t, path)
	}
	items, ok := v.([]any)
	if !ok {
		t.Fatalf("%s is %v, want a list", path, v)
	}
	out := make([]object, len(items))
	for i, item := range items {
		out[i] = object{item}
	}
	return out
}

// want compares the values at dotted paths.
func (o object) want(t *testing.T, values map[string]any) {
	t.Helper()
	for path, want := range values {
		if got := o.at(t, path); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
}

// times asserts that the values are instants in UTC with a Z.
func (o object) times(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		s := o.text(t, path)
		if _, err := time.Parse(time.RFC3339Nano, s); err != nil || !strings.HasSuffix(s, "Z") {
			t.Errorf("%s = %q, want an RFC 3339 time in UTC", path, s)
		}
	}
}

// upload is the form of a submission.
type upload struct {
	name, contentType string
	content           []byte
	fields            map[string]string
}

func (u upload) call(t *testing.T, token string) call {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range u.fields {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if u.contentType == "" {
		u.contentType = "video/mp4"
	}
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": "video_file", "filename": u.name})},
		"Content-Type":        {u.contentType},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(u.content) // into memory
	_ = form.Close()
	return call{method: http.MethodPost, path: "/video-processing/submit", token: token, body: body.Bytes(), contentType: form.FormDataContentType()}
}
