package observe_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/platform/observe"
)

func scrape(t *testing.T, m *observe.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("%d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func TestScrapeShowsWhatWasRegistered(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics("v1.2.3", slog.New(slog.DiscardHandler))
	m.Counter("fiapx_test_total", "Tests.", "kind").WithLabelValues("good").Add(3)
	m.Gauge("fiapx_test_open", "Open.").WithLabelValues().Set(7)
	m.Histogram("fiapx_test_seconds", "Time.", []float64{1, 2}).WithLabelValues().Observe(1.5)
	m.Sampled("fiapx_test_rows", "Rows.", []string{"state"}, func(context.Context) ([]observe.Sample, error) {
		return []observe.Sample{{Labels: []string{"waiting"}, Value: 5}, {Labels: []string{"done"}, Value: 6}}, nil
	})
	text := scrape(t, m)
	for _, want := range []string{
		`fiapx_build_info{go="go1.`, `version="v1.2.3"`, `fiapx_test_total{kind="good"} 3`, "fiapx_test_open 7",
		`fiapx_test_seconds_bucket{le="2"} 1`, `fiapx_test_rows{state="waiting"} 5`, `fiapx_test_rows{state="done"} 6`,
		"go_goroutines ", "process_resident_memory_bytes ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the scrape lacks %s", want)
		}
	}
}

func TestFailingSampleLeavesTheRest(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics("", slog.New(slog.DiscardHandler))
	m.Sampled("fiapx_test_broken", "Broken.", nil, func(ctx context.Context) ([]observe.Sample, error) {
		if _, limited := ctx.Deadline(); !limited {
			t.Error("reading has no limit")
		}
		return nil, errors.New("no answer")
	})
	m.Counter("fiapx_test_total", "Tests.").WithLabelValues().Inc()
	if text := scrape(t, m); strings.Contains(text, "fiapx_test_broken") || !strings.Contains(text, "fiapx_test_total 1") {
		t.Error("a failing sample must be missing, and nothing else")
	}
}

func TestWithoutMetricsInstrumentsStillWork(t *testing.T) {
	t.Parallel()
	var none *observe.Metrics
	none.Counter("a_total", "").WithLabelValues().Inc()
	none.Gauge("b", "").WithLabelValues().Set(1)
	none.Histogram("c", "", observe.DurationBuckets()).WithLabelValues().Observe(1)
	none.Sampled("d", "", nil, nil)
}
