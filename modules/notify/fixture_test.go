package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/notify"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob/disk"
	"github.com/fiapx/fiapx/platform/bus"
	busmemory "github.com/fiapx/fiapx/platform/bus/memory"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/mail/mailtest"
	"github.com/fiapx/fiapx/platform/run"
)

// office is a work process as far as mails go: the real jobs, the real bus, a real mail server.
type office struct {
	t      *testing.T
	jobs   *database.DB
	book   *database.DB
	videos *videos.Module
	bus    bus.Bus
	sink   *mailtest.Sink
	logged *logBuffer
}

type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// each opens an office over each kind of database.
func each(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, jobs *database.DB) {
		book := jobs // the modules' tables have different names, so that one PostgreSQL schema could hold both
		if database.Dialect(jobs) == database.SQLite {
			book = dbtest.Open(t, "notify")
		} else if _, err := database.Migrate(t.Context(), book, "notify", nil); err != nil {
			t.Fatal(err)
		}
		o := &office{t: t, jobs: jobs, book: book, sink: mailtest.Start(t), logged: &logBuffer{}}
		o.bus = busmemory.New(o.log())
		blobs, err := disk.Open(t.TempDir())
		o.must(err)
		o.videos, err = videos.New(videos.DefaultConfig(), videos.Deps{DB: jobs, Blobs: blobs, Bus: o.bus, Log: o.log(), Now: time.Now})
		o.must(err)
		test(t, o)
	})
}

func (o *office) log() *slog.Logger { return slog.New(slog.NewJSONHandler(o.logged, nil)) }

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// notify makes the module of one process; listen false is a process that no event reaches.
func (o *office) notify(listen bool) *notify.Module {
	o.t.Helper()
	post := mail.Config{
		Host: o.sink.Host, Port: o.sink.Port, TLS: "none", From: "robot@fiapx.example", Timeout: 5 * time.Second,
		Links: "https://frames.example", Attempts: 1000, Retry: 20 * time.Millisecond,
	}
	sender, err := mail.Open(post, time.Now)
	o.must(err)
	var from bus.Consumer = o.bus
	if !listen {
		from = busmemory.New(o.log())
	}
	m, err := notify.New(notify.Config{Sweep: time.Second, LookBack: time.Hour}, notify.Deps{
		DB: o.book, Jobs: o.videos.Notices(), Bus: from, Mail: sender, Post: post, Log: o.log(), Now: time.Now,
	})
	o.must(err)
	return m
}

// start runs services until stop is called or the test ends.
func (o *office) start(services ...run.Service) (stop func()) {
	ctx, cancel := context.WithCancel(o.t.Context())
	done := make(chan error, 1)
	go func() { done <- run.Group(ctx, o.log(), services...) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			o.t.Errorf("services: %v", err)
		}
	})
	o.t.Cleanup(stop)
	return stop
}

// submit puts a job of Ana's into the queue.
func (o *office) submit(filename string) string {
	o.t.Helper()
	id, now := uuid.NewString(), time.Now().UTC()
	o.must(o.jobs.WithContext(o.t.Context()).Exec(`INSERT INTO jobs
		(id, user_id, user_email, user_name, locale, filename, video_format, source_key, source_size, params, run_at, created_at, updated_at, status)
		VALUES (?, 'ana', 'ana@example.org', 'ana', 'pt-BR', ?, 'mp4', ?, 1, '{}', ?, ?, ?, 'pending')`,
		id, filename, "videos/ana/"+id+".mp4", now, now, now).Error)
	return id
}

// finish works the job: one that has a reason fails for it.
func (o *office) finish(id, reason string) {
	o.t.Helper()
	queue := o.videos.Queue()
	claim, ok, err := queue.ClaimJob(o.t.Context(), "worker", id)
	if err != nil || !ok {
		o.t.Fatalf("claim %s: %v, %v", id, ok, err)
	}
	if reason != "" {
		o.must(queue.Fail(o.t.Context(), claim.Lease, videos.Failure{Code: "NO_FRAMES", Message: reason}))
		return
	}
	o.must(queue.Complete(o.t.Context(), claim.Lease, videos.Result{Key: claim.ResultKey, Size: 2_500_000, Frames: 42}))
}

// wants writes Ana's settings.
func (o *office) wants(preferences string) {
	o.t.Helper()
	db := o.jobs.WithContext(o.t.Context())
	o.must(db.Exec("DELETE FROM preferences").Error)
	o.must(db.Exec("INSERT INTO preferences (user_id, preferences, updated_at) VALUES ('ana', ?, ?)", preferences, time.Now().UTC()).Error)
}

// eventually waits for what the services do.
func (o *office) eventually(what string, condition func() bool) {
	o.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			o.t.Fatalf("%s: not within 30 seconds; mails %v\n%s", what, o.sink.Counts(), o.logged)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// settled counts the deliveries in a state.
func (o *office) settled(state string) int {
	o.t.Helper()
	var n int64
	o.must(o.book.WithContext(o.t.Context()).Table("deliveries").Where("state = ?", state).Count(&n).Error)
	return int(n)
}

// once asserts that exactly these mails were taken, each once.
func (o *office) once(ids ...string) {
	o.t.Helper()
	want := map[string]int{}
	for _, id := range ids {
		want[fmt.Sprintf("job.%s@fiapx.example", id)] = 1
	}
	if diff := cmp.Diff(want, o.sink.Counts()); diff != "" {
		o.t.Errorf("mails (-want +got):\n%s", diff)
	}
}
