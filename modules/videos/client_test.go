package videos_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob"
)

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal(a.body, &out); err != nil {
		t.Fatalf("status %d, body %q: %v", a.status, a.body, err)
	}
	return out
}

// at walks into a JSON object along a dotted path.
func (a answer) at(t *testing.T, path string) any {
	t.Helper()
	var v any = a.json(t)
	for key := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("%s: nothing at %s in %s", path, key, a.body)
		}
		v = m[key]
	}
	return v
}

// do makes a request as user; "" is nobody.
func (w *world) do(user, method, path string, body io.Reader, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+"/video-processing"+path, body)
	w.must(err)
	if user != "" {
		req.Header.Set("Authorization", "Bearer "+w.token(user))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := w.server.Client().Do(req)
	w.must(err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	w.must(err)
	return answer{res.StatusCode, res.Header, raw}
}

func (w *world) get(user, path string) answer {
	w.t.Helper()
	return w.do(user, http.MethodGet, path, nil)
}

// video is content that passes for an MP4 file, with a word for the prober.
func video(word string) []byte {
	return []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + word + strings.Repeat("x", 3000))
}

// part is one part of a form: a field, or a file when it has a filename.
type part struct {
	name, filename, kind string
	value                []byte
}

func field(name, value string) part { return part{name: name, value: []byte(value)} }

func file(name string, content []byte) part {
	return part{name: "video_file", filename: name, kind: "video/mp4", value: content}
}

func multi(t *testing.T, parts ...part) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"`, p.name))
		if p.kind != "" || p.filename != "" {
			h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"; filename="%s"`, p.name, p.filename))
			h.Set("Content-Type", p.kind)
		}
		w, err := m.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(p.value); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m.FormDataContentType()
}

func (w *world) post(user string, parts ...part) answer {
	w.t.Helper()
	body, kind := multi(w.t, parts...)
	return w.do(user, http.MethodPost, "/submit", bytes.NewReader(body), "Content-Type", kind)
}

// submit puts a good video into the queue and returns its job's id.
func (w *world) submit(user string, parts ...part) string {
	w.t.Helper()
	a := w.post(user, append(parts, file("My film.mp4", video("")))...)
	if a.status != http.StatusCreated {
		w.t.Fatalf("submit: %d %s", a.status, a.body)
	}
	return a.at(w.t, "data.job.id").(string)
}

func (w *world) claim(worker string) videos.Claim {
	w.t.Helper()
	claims, err := w.queue.Claim(w.t.Context(), worker, 1)
	w.must(err)
	if len(claims) != 1 {
		w.t.Fatalf("claimed %d jobs, want 1", len(claims))
	}
	return claims[0]
}

// archive is a ZIP of frames as the worker stores it.
func archive(t *testing.T, frames int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 1; i <= frames; i++ {
		f, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("frame_%06d.png", i), Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(f, "picture %d", i)
	}
	f, err := z.Create("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("{}"))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// finish stores an archive for the claim and completes it.
func (w *world) finish(c videos.Claim, frames int) []byte {
	w.t.Helper()
	raw := archive(w.t, frames)
	w.put(c.ResultKey, raw)
	sum := sha256.Sum256(raw)
	w.must(w.queue.Complete(w.t.Context(), c.Lease, videos.Result{
		Key: c.ResultKey, Size: int64(len(raw)), SHA256: hex.EncodeToString(sum[:]), Frames: frames,
	}))
	return raw
}

func (w *world) put(key string, raw []byte) {
	w.t.Helper()
	out, err := w.blobs.Create(w.t.Context(), key)
	w.must(err)
	_, err = out.Write(raw)
	w.must(err)
	_, err = out.Commit(w.t.Context())
	w.must(err)
}

// keys lists what the storage holds.
func (w *world) keys() []string {
	w.t.Helper()
	var keys []string
	w.must(w.blobs.List(w.t.Context(), "", func(i blob.Info) error {
		keys = append(keys, i.Key)
		return nil
	}))
	return keys
}

func (w *world) status(user, id string) string {
	w.t.Helper()
	s, _ := w.get(user, "/jobs/"+id+"/status").at(w.t, "data.job.status").(string)
	return s
}
