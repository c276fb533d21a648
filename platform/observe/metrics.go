package observe

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The instruments are named here so that whoever measures needs no library. All are safe for concurrent use.
type (
	// Counter is used as c.WithLabelValues("a").Inc() or Add(n).
	Counter = prometheus.CounterVec
	// Gauge is used as g.WithLabelValues("a").Set(v), Inc() or Dec().
	Gauge = prometheus.GaugeVec
	// Histogram is used as h.WithLabelValues("a").Observe(v).
	Histogram = prometheus.HistogramVec
)

// DurationBuckets suit what a person waits for, in seconds: 5 ms to 10 s.
func DurationBuckets() []float64 { return prometheus.DefBuckets }

// Metrics is where a process registers what it measures, for GET /metrics of the admin listener. A module is handed one in
// its Deps, registers its instruments once in New, and keeps them:
//
//	claims := deps.Metrics.Counter("fiapx_jobs_claimed_total", "Jobs taken from the queue.", "priority")
//	claims.WithLabelValues("high").Inc()
//
// Names are fiapx_<module>_<what>_<unit>, counters end in _total, durations are seconds. Labels must have few values: never
// an id, an address or a path that users choose. Registering one name twice is a mistake in the program and panics.
//
// A nil *Metrics works and shows nothing, so that tests and small commands need none.
type Metrics struct {
	registry *prometheus.Registry
	log      *slog.Logger
}

// NewMetrics returns a registry with the figures of the process and of the Go runtime. version is the program's.
func NewMetrics(version string, log *slog.Logger) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), log: log}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.Gauge("fiapx_build_info", "Which build runs; always 1.", "version", "go").WithLabelValues(version, runtime.Version()).Set(1)
	return m
}

// Counter only ever grows.
func (m *Metrics) Counter(name, help string, labels ...string) *Counter {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.register(c)
	return c
}

// Gauge goes up and down.
func (m *Metrics) Gauge(name, help string, labels ...string) *Gauge {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.register(g)
	return g
}

// Histogram counts observations by size; buckets are their upper bounds, ascending.
func (m *Metrics) Histogram(name, help string, buckets []float64, labels ...string) *Histogram {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.register(h)
	return h
}

// Sample is one value of a gauge that is read when somebody asks, with the values of its labels.
type Sample struct {
	Labels []string
	Value  float64
}

// sampleTimeout bounds one reading: a scrape must not hang on a database that does.
const sampleTimeout = 3 * time.Second

// Sampled is a gauge that read gives at every scrape, for what something else knows already (rows of a table, connections
// of a pool). read gets a few seconds and must be cheap; when it fails the gauge is missing from that scrape.
func (m *Metrics) Sampled(name, help string, labels []string, read func(ctx context.Context) ([]Sample, error)) {
	if m != nil {
		m.register(sampled{desc: prometheus.NewDesc(name, help, labels, nil), name: name, read: read, log: m.log})
	}
}

// Handler answers scrapes in the formats of Prometheus and OpenMetrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: failures{m.log}, ErrorHandling: promhttp.ContinueOnError, EnableOpenMetrics: true, MaxRequestsInFlight: 4,
	})
}

func (m *Metrics) register(c prometheus.Collector) {
	if m != nil {
		m.registry.MustRegister(c)
	}
}

// sampled is a prometheus.Collector.
type sampled struct {
	desc *prometheus.Desc
	name string
	read func(context.Context) ([]Sample, error)
	log  *slog.Logger
}

func (s sampled) Describe(ch chan<- *prometheus.Desc) { ch <- s.desc }

func (s sampled) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), sampleTimeout) //nolint:forbidigo // the library hands collectors no context
	defer cancel()
	samples, err := s.read(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "figure not read", "metric", s.name, "err", err)
		return
	}
	for _, v := range samples {
		metric, err := prometheus.NewConstMetric(s.desc, prometheus.GaugeValue, v.Value, v.Labels...)
		if err != nil {
			s.log.WarnContext(ctx, "figure does not fit its labels", "metric", s.name, "err", err)
			return
		}
		ch <- metric
	}
}

// failures logs what the handler could not collect or send.
type failures struct{ log *slog.Logger }

func (f failures) Println(v ...any) { f.log.Warn("scrape failed", "err", fmt.Sprint(v...)) }
