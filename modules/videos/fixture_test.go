package videos_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
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

func (c *clock) set(now time.Time) { c.advance(now.Sub(c.Now())) }

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

// Plan answers with what it was asked, so that a test can see the parameters arrive.
func (p prober) Plan(ctx context.Context, video blob.Reader, params videos.Params) (videos.Plan, error) {
	info, err := p.Probe(ctx, video)
	return videos.Plan{
		Info: info, Frames: int64(info.Duration * params.FPS), Exact: params.Dedupe == 0, Truncated: params.Every > 0, Bytes: video.Info().Size,
		Seconds: params.Scene, Instants: params.Times, Packets: 125, Decode: 25,
	}, err
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

	revocations *authn.CacheRevocations
	admins      []string // users whose tokens carry the role
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
	w.revocations = authn.NewRevocations(cache)
	verifier := authn.NewVerifier(keys, w.revocations, authn.Config{Issuer: "fiapx", Audience: "fiapx"}, w.clock.Now)
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

// token is a valid access token of that user, with the scopes of somebody who signed in unless others are given.
func (w *world) token(user string, scopes ...string) string {
	w.t.Helper()
	if len(scopes) == 0 {
		scopes = []string{"videos:read", "videos:write"}
		if slices.Contains(w.admins, user) {
			scopes = append(scopes, "admin")
		}
	}
	now := w.clock.Now()
	roles := []string{}
	if slices.Contains(w.admins, user) {
		roles = []string{"admin"}
	}
	body, err := json.Marshal(map[string]any{
		"roles": roles,
		"iss":   "fiapx", "aud": "fiapx", "sub": user, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": uuid.NewString(),
		"type": "access", "sid": "s-" + user, "email": user + "@mail.test", "username": user, "scope": strings.Join(scopes, " "),
	})
	w.must(err)
	signed := encode([]byte(`{"alg":"EdDSA","typ":"at+jwt","kid":"test"}`)) + "." + encode(body)
	return signed + "." + encode(ed25519.Sign(w.key, []byte(signed)))
}
