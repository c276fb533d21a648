package usecase_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/usecase"
)

// queue records how jobs end.
type queue struct {
	mu       sync.Mutex
	events   []string
	progress []domain.Progress
	result   domain.Result
	failure  domain.Failure

	renew    func(n int) (bool, error) // nil renews
	complete func(n int) error         // nil accepts
	renewals int
	tries    int
}

func (q *queue) Renew(ctx context.Context, _ domain.Lease, p domain.Progress) (bool, error) {
	q.mu.Lock()
	q.renewals++
	n, renew := q.renewals, q.renew
	q.progress = append(q.progress, p)
	q.mu.Unlock()
	if renew == nil || ctx.Err() != nil {
		return false, ctx.Err()
	}
	return renew(n)
}

func (q *queue) Complete(_ context.Context, _ domain.Lease, r domain.Result) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tries++
	if q.complete != nil {
		if err := q.complete(q.tries); err != nil {
			return err
		}
	}
	q.result = r
	q.events = append(q.events, "completed")
	return nil
}

func (q *queue) Fail(_ context.Context, _ domain.Lease, f domain.Failure) error {
	q.failure = f
	return q.event("failed")
}

func (q *queue) Cancelled(context.Context, domain.Lease) error { return q.event("cancelled") }
func (q *queue) Release(context.Context, domain.Lease) error   { return q.event("released") }

func (q *queue) event(name string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.events = append(q.events, name)
	return nil
}

func (q *queue) ended() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return fmt.Sprint(q.events)
}

// storage holds committed objects.
type storage struct {
	mu      sync.Mutex
	objects map[string]string
	open    error
	full    error
	deleted []string
	aborted int
}

type video struct{ *bytes.Reader }

func (video) Close() error { return nil }

func (s *storage) Open(context.Context, string) (usecase.Video, error) {
	if s.open != nil {
		return nil, s.open
	}
	return video{bytes.NewReader([]byte("film"))}, nil
}

func (s *storage) Create(_ context.Context, key string) (usecase.Object, error) {
	return &object{storage: s, key: key}, nil
}

func (s *storage) Delete(_ context.Context, key string) error {
	s.deleted = append(s.deleted, key)
	delete(s.objects, key)
	return nil
}

type object struct {
	bytes.Buffer
	storage *storage
	key     string
	closed  bool
}

func (o *object) Write(p []byte) (int, error) {
	if o.storage.full != nil {
		return 0, o.storage.full
	}
	return o.Buffer.Write(p)
}

func (o *object) Commit(context.Context) error {
	o.storage.mu.Lock()
	defer o.storage.mu.Unlock()
	o.closed = true
	o.storage.objects[o.key] = o.String()
	return nil
}

func (o *object) Abort() error {
	if !o.closed {
		o.closed = true
		o.storage.aborted++
	}
	return nil
}

// engine gives images, one per step, until they are out or the context ends.
type engine struct {
	images int
	step   time.Duration
	report domain.Report
	err    error
	panics bool
}

func (e *engine) Extract(ctx context.Context, _ domain.Source, _ domain.Params,
	onProgress func(domain.Advance), emit func(domain.Image) error,
) (domain.Report, error) {
	if e.panics {
		panic("index out of range")
	}
	for i := 1; i <= e.images; i++ {
		select {
		case <-ctx.Done():
			return domain.Report{}, context.Cause(ctx)
		case <-time.After(e.step):
		}
		if err := emit(domain.Image{Index: i, Data: fmt.Appendf(nil, "%d;", i)}); err != nil {
			return domain.Report{}, err
		}
		onProgress(domain.Advance{Done: float64(i) / float64(e.images), Frames: i})
	}
	report := e.report
	report.Frames = e.images
	return report, e.err
}

// sink writes images as they are.
type sink struct {
	w      io.Writer
	frames int
}

func (s *sink) Add(img domain.Image) error {
	s.frames++
	_, err := s.w.Write(img.Data)
	return err
}

func (s *sink) Close(domain.Report) (domain.Archive, error) {
	return domain.Archive{Frames: s.frames, SHA256: "sum"}, nil
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

var errOut = errors.New("database is out")
