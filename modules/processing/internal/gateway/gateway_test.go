package gateway_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/gateway"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/blob/blobtest"
	"github.com/fiapx/fiapx/platform/blob/disk"
	"github.com/fiapx/fiapx/platform/bus"
)

func TestVideoHasAFileExactlyWhenItsBlobHas(t *testing.T) {
	t.Parallel()
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	blobtest.Put(t, store, "videos/1", []byte("film"))
	v, err := gateway.Blobs{Store: store}.Open(t.Context(), "videos/1")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	f, ok := v.(interface{ File() *os.File })
	if !ok || f.File() == nil || v.Size() != 4 {
		t.Errorf("a blob on disk: file %v, %d bytes", ok, v.Size())
	}
	if _, ok := gateway.Video(remote{}).(interface{ File() *os.File }); ok {
		t.Error("a blob in a bucket pretends to be a file")
	}
}

// remote is a blob that is no local file.
type remote struct{ blob.Reader }

func TestObjectAppearsWithCommitOnly(t *testing.T) {
	t.Parallel()
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	blobs := gateway.Blobs{Store: store}
	o, err := blobs.Create(t.Context(), "results/1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Write([]byte("zip")); err != nil {
		t.Fatal(err)
	}
	if _, err := blobs.Open(t.Context(), "results/1"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("before the commit: %v", err)
	}
	if err := o.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := store.Stat(t.Context(), "results/1"); err != nil || info.Size != 3 {
		t.Errorf("after the commit: %+v, %v", info, err)
	}
	if err := blobs.Delete(t.Context(), "results/1"); err != nil {
		t.Fatal(err)
	}
	if _, err := blobs.Open(t.Context(), "results/1"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("after the deletion: %v", err)
	}
}

// jobs is a queue with one job, whose lease is lost.
type jobs struct{ videos.Queue }

func (jobs) Claim(context.Context, string, int) ([]videos.Claim, error) {
	limit, end := 7, 9.5
	return []videos.Claim{{
		Lease: videos.Lease{JobID: "job", Token: 3}, Attempt: 2, Filename: "a.mp4", SourceKey: "s", ResultKey: "r",
		Params: videos.Params{
			FPS: 2, Every: 3, Times: []float64{1, 2}, Keyframes: true, Scene: 0.4, Format: "jpg", Quality: 80, Start: 1, End: &end,
			MaxFrames: &limit, Crop: &videos.Rect{X: 1, Y: 2, W: 3, H: 4}, Width: 10, Height: 20, Dedupe: 5, NoTone: true,
			Manifest: true, ContactSheet: true, Storyboard: true, NameTemplate: "{n}",
		},
	}}, nil
}

func (jobs) Renew(context.Context, videos.Lease, videos.Progress) (bool, error) {
	return false, videos.ErrLeaseLost
}

func TestQueueSpeaksTheWordsOfTheModule(t *testing.T) {
	t.Parallel()
	q := gateway.Queue{Jobs: jobs{}, Threads: 4}
	before := time.Now()
	claims, err := q.Claim(t.Context(), "w", 1)
	if err != nil {
		t.Fatal(err)
	}
	if asked := claims[0].Asked; asked.Before(before) || asked.After(time.Now()) {
		t.Errorf("asked at %v, want a time after %v", asked, before)
	}
	claims[0].Asked = time.Time{}
	end := 9.5
	want := []domain.Claim{{
		Lease: domain.Lease{JobID: "job", Token: 3}, Attempt: 2, Filename: "a.mp4", SourceKey: "s", ResultKey: "r", Manifest: true,
		ContactSheet: true, Storyboard: true, NameTemplate: "{n}",
		Params: domain.Params{
			FPS: 2, Every: 3, Times: []float64{1, 2}, Keyframes: true, Scene: 0.4, Extension: "jpg", Quality: 80, Start: 1, End: &end,
			MaxFrames: 7, Crop: &domain.Rect{X: 1, Y: 2, W: 3, H: 4}, Width: 10, Height: 20, Dedupe: 5, NoTone: true, Threads: 4,
		},
	}}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Error(diff)
	}
	if p := gateway.Wanted(videos.Params{FPS: 1, Storyboard: true}); p.FPS != 1 || p.Thumb != domain.ThumbWidth {
		t.Errorf("a storyboard is made of %+v", p)
	}
	if _, err := q.Renew(t.Context(), domain.Lease{}, domain.Progress{}); !errors.Is(err, domain.ErrLeaseLost) {
		t.Errorf("a lost lease reads as %v", err)
	}
}

// recorder notes what hints lead to.
type recorder struct{ calls []string }

func (r *recorder) Wake()            { r.calls = append(r.calls, "wake") }
func (r *recorder) Nudge(job string) { r.calls = append(r.calls, "nudge "+job) }

// tape plays messages.
type tape struct {
	messages []string
	failed   int
}

func (p *tape) Consume(ctx context.Context, _ string, topics []string, handle bus.Handler) error {
	for _, m := range p.messages {
		if err := handle(ctx, bus.Message{Topic: topics[0], Value: []byte(m)}); err != nil {
			p.failed++
		}
	}
	return nil
}

func TestHints(t *testing.T) {
	t.Parallel()
	played := &tape{messages: []string{
		`{"event_type":"job_submitted","job_id":"1"}`,
		`{"event_type":"job_started","job_id":"1"}`,
		`{"event_type":"job_cancelled","job_id":"2"}`,
		`{"event_type":"something new"}`,
		`garbage`,
	}}
	var heard recorder
	counted := map[string]int{}
	if err := gateway.Hints(t.Context(), played, &heard, func(was string) { counted[was]++ }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"used": 2, "not_needed": 1, "unknown": 1, "unreadable": 1}, counted); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"wake", "nudge 2"}, heard.calls); diff != "" || played.failed != 1 {
		t.Errorf("%d failed: %s", played.failed, diff)
	}
}
