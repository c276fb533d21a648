package processing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/gateway"
	"github.com/fiapx/fiapx/modules/processing/internal/service/archive"
	"github.com/fiapx/fiapx/modules/processing/internal/service/extractor"
	"github.com/fiapx/fiapx/modules/processing/internal/service/part"
	"github.com/fiapx/fiapx/modules/processing/internal/usecase"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/observe"
	"github.com/fiapx/fiapx/platform/run"
)

// Deps is what the worker runs on.
type Deps struct {
	Queue videos.Queue
	Bus   bus.Consumer // hints only; without them the worker polls
	Blobs blob.Store
	Log   *slog.Logger

	Metrics *observe.Metrics // may be nil

	// Drained is called, perhaps more than once, when no job is due and none runs. Nil keeps the worker waiting for more.
	Drained func()
}

// Module is the worker, wired.
type Module struct {
	worker   *usecase.Worker
	reporter *usecase.Reporter
	bus      bus.Consumer
	heard    func(was string) // counts messages
}

// New wires the worker and starts nothing.
func New(cfg Config, deps Deps) (*Module, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configuration of processing: %w", err)
	}
	name, err := workerName(cfg.WorkerID)
	if err != nil {
		return nil, err
	}
	queue := gateway.Queue{Jobs: deps.Queue, Threads: cfg.Threads}
	extract := extractor.Extractor{Limits: cfg.Limits.limits()}
	runner := &usecase.Runner{
		Queue: queue, Storage: gateway.Blobs{Store: deps.Blobs}, Log: deps.Log, Engine: extract, NewSink: newSink,
		Division: &usecase.Division{
			Rule: domain.Rule{After: cfg.SplitAfter, Threads: cfg.Threads}, Queue: queue, Surveyor: extract,
			NewPart:  func(w io.Writer) usecase.Sink { return part.NewWriter(w) },
			ReadPart: part.Read, IsBroken: func(err error) bool { return errors.Is(err, part.ErrBroken) },
			MaxOutput: int64(cfg.Limits.Output),
		},
	}
	tally := &usecase.Tally{}
	runner.Ended = ended(tally, deps.Metrics)
	worker := &usecase.Worker{
		Name: name, Slots: cfg.slots(), SoftStop: cfg.SoftStop, Room: cfg.room(), Idle: deps.Drained,
		Claimer: queue, Run: runner.Run, Log: deps.Log,
	}
	reporter := &usecase.Reporter{Worker: worker.Init(), Tally: tally, Registry: queue, Log: deps.Log}
	return &Module{worker: worker, reporter: reporter, bus: deps.Bus, heard: heard(deps.Metrics)}, nil
}

// heard counts the messages of the bus, so that a topic that somebody else writes into is noticed.
func heard(m *observe.Metrics) func(was string) {
	messages := m.Counter("fiapx_processing_messages_total", "Messages of the bus that reached this worker: used, not_needed, unknown or unreadable.", "was")
	return func(was string) { messages.WithLabelValues(was).Inc() }
}

// ended counts the ends of attempts for the registry and for the metrics. Segments have figures of their own: for the registry a
// job is completed once, by the worker that joined it.
func ended(tally *usecase.Tally, m *observe.Metrics) func(domain.Claim, domain.Outcome, time.Duration) {
	segments := m.Counter("fiapx_processing_segments_total", "Attempts at segments of long jobs of this worker, by how they ended.", "outcome")
	attempts := m.Counter("fiapx_processing_attempts_total", "Attempts at jobs of this worker, by how they ended.", "outcome")
	took := m.Histogram("fiapx_processing_attempt_seconds", "How long completed attempts took.", []float64{1, 3, 10, 30, 100, 300, 1000, 3600})
	return func(c domain.Claim, o domain.Outcome, d time.Duration) {
		if c.Lease.Segment > 0 {
			segments.WithLabelValues(string(o)).Inc()
			return
		}
		tally.Count(o)
		attempts.WithLabelValues(string(o)).Inc()
		if o == domain.Completed {
			took.WithLabelValues().Observe(d.Seconds())
		}
	}
}

// hardStop is what stopping a job at once takes at most: killing its child, dropping the object, telling the queue.
const hardStop = 15 * time.Second

// Services are the claim loop and its listener for hints.
func (m *Module) Services() []run.Service {
	return []run.Service{
		{Name: "worker-registry", Run: m.reporter.Serve, Grace: 6 * time.Second},
		{Name: "worker", Run: m.worker.Serve, Grace: m.worker.SoftStop + hardStop},
		{Name: "worker-hints", Run: func(ctx context.Context) error { return gateway.Hints(ctx, m.bus, m.worker, m.heard) }, Grace: time.Second},
	}
}

// Prober reads the facts of uploads for videos. It needs no worker, so that a server without one can have it.
func Prober(cfg Config) videos.Prober {
	return prober{extractor.Extractor{Limits: cfg.Limits.limits()}}
}

type prober struct{ engine extractor.Extractor }

// Probe is part of videos.Prober.
func (p prober) Probe(ctx context.Context, video blob.Reader) (videos.VideoInfo, error) {
	info, err := p.engine.Probe(ctx, gateway.Video(video))
	if err != nil {
		return videos.VideoInfo{}, err
	}
	return toVideoInfo(info), nil
}

func toVideoInfo(i domain.Info) videos.VideoInfo {
	return videos.VideoInfo{
		Duration: i.Duration, FrameRate: i.FrameRate, Width: i.Width, Height: i.Height, Codec: i.Codec,
		Container: i.Container, Bitrate: i.Bitrate, HasAudio: i.HasAudio, CreatedAt: i.CreatedAt,
	}
}

func newSink(w io.Writer, c domain.Claim, size int64) (usecase.Sink, error) {
	return archive.NewZIP(w, archive.Options{
		Source: c.Filename, Size: size, Params: c.Params, Manifest: c.Manifest,
		ContactSheet: c.ContactSheet, Storyboard: c.Storyboard, NameTemplate: c.NameTemplate,
	})
}

// workerName is unique among live processes of one network: pods differ in host name, processes of one host in their id.
func workerName(configured string) (string, error) {
	if configured != "" {
		return configured, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("name the worker (set FIAPX_WORKER_ID to do so yourself): %w", err)
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid()), nil
}
