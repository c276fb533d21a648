package videos_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/blob/disk"
	busmemory "github.com/fiapx/fiapx/platform/bus/memory"
	cachememory "github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// prober knows videos by a word in their content.
type prober struct{}

var errNoStream = fault.New(fault.Invalid, "NO_VIDEO_STREAM", "The file has no video stream; upload a file with pictures, not only sound.")

func (prober) Probe(_ context.Context, video blob.Reader) (videos.VideoInfo, error) {
	raw, err := io.ReadAll(video)
	switch {
	case err != nil:
		return videos.VideoInfo{}, err
	case bytes.Contains(raw, []byte("soundonly")):
		return videos.VideoInfo{}, errNoStream
	case bytes.Contains(raw, []byte("probecrash")):
		return videos.VideoInfo{}, errors.New("probe: /secret/path exploded")
	}
	return videos.VideoInfo{Duration: 5, FrameRate: 25, Width: 320, Height: 240, Codec: "h264", Container: "mov,mp4", HasAudio: true}, nil
}

// world is the module behind a real server, with everything it works on within reach.
type world struct {
	t      *testing.T
	module *videos.Module
	queue  videos.Queue
	db     *database.DB
	blobs  *disk.Store
	bus    *busmemory.Bus
	clock  *clock
	server *httptest.Server
	key    ed25519.PrivateKey
}

func newWorld(t *testing.T, change ...func(*videos.Config)) *world {
	t.Helper()
	return newWorldOn(t, dbtest.Open(t, "videos"), change...)
}

func newWorldOn(t *testing.T, db *database.DB, change ...func(*videos.Config)) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: newClock()}
	log := slog.New(slog.DiscardHandler)
	var err error
	if w.blobs, err = disk.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	w.bus = busmemory.New(log)
	cfg := videos.DefaultConfig()
	cfg.MaxDisk = 100 // how full the machine of the test is does not matter here
	for _, c := range change {
		c(&cfg)
	}
	cache := cachememory.New(w.clock.Now)
	w.module, err = videos.New(cfg, videos.Deps{
		DB: db, Blobs: w.blobs, Bus: w.bus, Cache: cache, Prober: prober{}, Log: log, Now: w.clock.Now, Version: "1.2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.queue = w.module.Queue()
	w.serve(cache, log)
	return w
}

func (w *world) serve(cache *cachememory.Cache, log *slog.Logger) {
	w.t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	w.must(err)
	w.key = private
	issuer := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(rw, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"test","alg":"EdDSA","use":"sig","x":%q}]}`, encode(public))
	}))
	w.t.Cleanup(issuer.Close)
	keys, err := authn.NewRemoteKeys(issuer.URL, issuer.Client(), log)
	w.must(err)
	verifier := authn.NewVerifier(keys, authn.NewRevocations(cache), authn.Config{Issuer: "fiapx", Audience: "fiapx"}, w.clock.Now)
	srv, err := httpserver.New(httpserver.Config{Listen: "localhost:0"}, log)
	w.must(err)
	w.module.Routes(srv.Root(), verifier)
	w.server = httptest.NewServer(srv.Handler())
	w.t.Cleanup(w.server.Close)
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// token is a valid access token of that user.
func (w *world) token(user string) string {
	w.t.Helper()
	now := w.clock.Now()
	body, err := json.Marshal(map[string]any{
		"iss": "fiapx", "aud": "fiapx", "sub": user, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": uuid.NewString(),
		"type": "access", "sid": "s-" + user, "email": user + "@mail.test", "username": user,
	})
	w.must(err)
	signed := encode([]byte(`{"alg":"EdDSA","typ":"at+jwt","kid":"test"}`)) + "." + encode(body)
	return signed + "." + encode(ed25519.Sign(w.key, []byte(signed)))
}

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
	for i := frames; i > 0; i-- { // the order in the file is not the order of the names
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
