package processing_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/processing"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/blob/blobtest"
	"github.com/fiapx/fiapx/platform/blob/disk"
	"github.com/fiapx/fiapx/platform/bus/memory"
	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/run"
)

// TestMain makes the test binary the engine's child as well.
func TestMain(m *testing.M) {
	if processing.IsChild(os.Args) {
		os.Exit(processing.ChildMain(context.Background()))
	}
	m.Run()
}

// clip makes three seconds of film.
func clip(t *testing.T) []byte {
	t.Helper()
	return clipAs(t, "clip.mp4")
}

// clipAs makes them in the container of that extension.
func clipAs(t *testing.T, name string) []byte {
	t.Helper()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("the ffmpeg program, which makes the clip, is not installed")
	}
	if _, err := processing.Probe(t.Context(), processing.DefaultConfig(), strings.NewReader("no video")); fault.From(err).Code == "NO_ENGINE" {
		t.Skip("this build has no engine")
	}
	path := filepath.Join(t.TempDir(), name)
	out, err := exec.CommandContext(t.Context(), ffmpeg, "-nostdin", "-v", "error", "-f", "lavfi",
		"-i", "testsrc=d=3:s=64x48:r=10", "-c:v", "libx264", "-pix_fmt", "yuv420p", path).CombinedOutput()
	if err != nil {
		t.Fatalf("make the clip: %v: %s", err, out)
	}
	film, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return film
}

func products() processing.Products {
	return processing.Products{Source: "clip.mp4", Manifest: true}
}

func params() processing.Params {
	return processing.Params{FPS: 2, Extension: "png"}
}

func TestExtractIntoAnArchive(t *testing.T) {
	t.Parallel()
	film := clip(t)
	var out bytes.Buffer
	var names []string
	got, err := processing.Extract(t.Context(), processing.DefaultConfig(), processing.Request{
		Source: bytes.NewReader(film), Params: params(), Output: processing.ToZIP(&out, products()),
		OnImage: func(name string, _ processing.Image) { names = append(names, name) },
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(out.Bytes())
	if got.Archive.Frames != 6 || got.Archive.SHA256 != hex.EncodeToString(sum[:]) || got.Cut || len(names) != 6 {
		t.Errorf("%+v, told of %v", got, names)
	}
	if got.Report.Info.Codec != "h264" || got.Report.Info.Width != 64 {
		t.Errorf("source %+v", got.Report.Info)
	}
}

func TestExtractTellsOutputFromVideo(t *testing.T) {
	t.Parallel()
	film := clip(t)
	gone := processing.ToDir(filepath.Join(t.TempDir(), "gone"), products())
	_, err := processing.Extract(t.Context(), processing.DefaultConfig(), processing.Request{
		Source: bytes.NewReader(film), Params: params(), Output: gone,
	})
	if !processing.IsOutputError(err) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	_, err = processing.Extract(t.Context(), processing.DefaultConfig(), processing.Request{
		Source: strings.NewReader("no video"), Params: params(), Output: processing.ToDir(t.TempDir(), products()),
	})
	if processing.IsOutputError(err) || fault.KindOf(err) != fault.Invalid {
		t.Errorf("a file that is no video: %v", err)
	}
}

func TestProberReadsAnUpload(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	blobtest.Put(t, store, "videos/good", clip(t))
	blobtest.Put(t, store, "videos/bad", []byte("no video"))
	prober := processing.Prober(processing.DefaultConfig())
	info, err := prober.Probe(t.Context(), open(t, store, "videos/good"))
	if err != nil || info.Duration != 3 || info.FrameRate != 10 || info.Width != 64 || info.Codec != "h264" {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := prober.Probe(t.Context(), open(t, store, "videos/bad")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a file that is no video: %v", err)
	}
}

func newStore(t *testing.T) *disk.Store {
	t.Helper()
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func open(t *testing.T, store blob.Store, key string) blob.Reader {
	t.Helper()
	r, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// queue hands out jobs once and notes how they end.
type queue struct {
	videos.Queue
	mu    sync.Mutex
	due   []videos.Claim
	ended chan any
}

func (q *queue) Report(context.Context, videos.WorkerReport) error { return nil }

func (q *queue) Claim(_ context.Context, _ string, n int) ([]videos.Claim, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = min(n, len(q.due))
	out := q.due[:n]
	q.due = q.due[n:]
	return out, nil
}

func (q *queue) Renew(context.Context, videos.Lease, videos.Progress) (bool, error) {
	return false, nil
}

func (q *queue) Complete(_ context.Context, _ videos.Lease, r videos.Result) error {
	q.ended <- r
	return nil
}

func (q *queue) Fail(_ context.Context, _ videos.Lease, f videos.Failure) error {
	q.ended <- f
	return nil
}

func job(source, result string) videos.Claim {
	return videos.Claim{
		Lease:   videos.Lease{JobID: source, Token: 1, Length: time.Minute, Every: 15 * time.Second},
		Attempt: 1, Filename: "clip.mp4", SourceKey: source, ResultKey: result,
		Params: videos.Params{FPS: 2, Format: "jpg", Quality: 90, Manifest: true},
	}
}

// work runs the module's services over the queue until one job has ended.
func work(t *testing.T, store blob.Store, claim videos.Claim) any {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	q := &queue{due: []videos.Claim{claim}, ended: make(chan any, 1)}
	m, err := processing.New(processing.DefaultConfig(), processing.Deps{Queue: q, Bus: memory.New(log), Blobs: store, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error)
	go func() { done <- run.Group(ctx, log, m.Services()...) }()
	ended := <-q.ended
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return ended
}

func TestWorkerTurnsAJobIntoAnArchive(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", clip(t))
	got, ok := work(t, store, job("videos/1", "results/1.zip")).(videos.Result)
	if !ok || got.Frames != 6 || got.Key != "results/1.zip" || got.Truncated || got.Partial != "" {
		t.Fatalf("ended with %+v", got)
	}
	r := open(t, store, "results/1.zip")
	z, err := zip.NewReader(r, r.Info().Size)
	if err != nil || len(z.File) != 8 || z.File[0].Name != "frame_000001.jpg" || r.Info().Size != got.Size {
		t.Errorf("%d bytes, %v", r.Info().Size, err)
	}
}

func TestWorkerMakesSheetsAndNames(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", clip(t))
	claim := job("videos/1", "results/1.zip")
	claim.Params.ContactSheet, claim.Params.Storyboard, claim.Params.NameTemplate = true, true, "{t}"
	got, ok := work(t, store, claim).(videos.Result)
	if !ok || got.Frames != 6 {
		t.Fatalf("ended with %+v", got)
	}
	r := open(t, store, "results/1.zip")
	z, err := zip.NewReader(r, r.Info().Size)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(z.File))
	for i, f := range z.File {
		names[i] = f.Name
	}
	want := "00000.000.jpg 00000.500.jpg 00001.000.jpg 00001.500.jpg 00002.000.jpg 00002.500.jpg " +
		"contact_sheet.jpg storyboard_001.jpg storyboard.vtt manifest.csv manifest.json"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("the archive holds %s", got)
	}
}

func TestWorkerFailsAJobWithABadTemplate(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", clip(t))
	claim := job("videos/1", "results/1.zip")
	claim.Params.NameTemplate = "../{n}"
	got, ok := work(t, store, claim).(videos.Failure)
	if !ok || got.Retry || got.Code != "NAME_TEMPLATE" || !strings.HasPrefix(got.Message, "The name template is wrong: ") {
		t.Errorf("ended with %+v", got)
	}
}

func TestWorkerFailsABadVideoForGood(t *testing.T) {
	t.Parallel()
	_ = clip(t) // skips without an engine
	store := newStore(t)
	blobtest.Put(t, store, "videos/1", []byte("no video"))
	got, ok := work(t, store, job("videos/1", "results/1.zip")).(videos.Failure)
	if !ok || got.Retry || got.Code != "NOT_A_VIDEO" || got.Message == "" {
		t.Errorf("ended with %+v", got)
	}
	if _, err := store.Stat(t.Context(), "results/1.zip"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a failed job has a result: %v", err)
	}
}

func TestConfigNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	if err := processing.DefaultConfig().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	cfg := processing.DefaultConfig()
	cfg.Concurrency, cfg.Threads, cfg.SoftStop, cfg.Limits.Memory, cfg.Limits.Time = -1, -1, -1, 1, 0
	err := cfg.Validate()
	for _, name := range []string{"FIAPX_CONCURRENCY", "FIAPX_THREADS", "FIAPX_WORKER_SHUTDOWN_TIMEOUT", "FIAPX_LIMIT_MEMORY", "FIAPX_JOB_TIMEOUT"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}
