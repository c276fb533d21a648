package httpserver

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/observe"
)

const metricsPath = "/metrics"

// meter measures requests. A route is its pattern, never the path: the number of series must not be for clients to choose.
type meter struct {
	duration *observe.Histogram
	open     *observe.Gauge
}

func newMeter(m *observe.Metrics) *meter {
	return &meter{
		duration: m.Histogram("fiapx_http_request_duration_seconds", "Time from the first header to the end of the answer.",
			observe.DurationBuckets(), "method", "route", "status"),
		open: m.Gauge("fiapx_http_requests_open", "Requests being answered now."),
	}
}

// Measure counts requests in m from now on and shows m at GET /metrics of the admin address, if there is one. Call it once,
// before the server listens.
func (s *Server) Measure(m *observe.Metrics) {
	s.meter = newMeter(m)
	if s.admin != nil {
		s.admin.GET(metricsPath, echo.WrapHandler(m.Handler()))
	}
}

func (m *meter) begin() (end func()) {
	g := m.open.WithLabelValues()
	g.Inc()
	return g.Dec
}

func (m *meter) count(c echo.Context, took time.Duration) {
	status := strconv.Itoa(c.Response().Status)
	m.duration.WithLabelValues(method(c.Request().Method), route(c), status).Observe(took.Seconds())
}

// route is the pattern that matched. A request that no route took has none, or that of the page's fallback.
func route(c echo.Context) string {
	if c.Path() == "" {
		return "none"
	}
	return c.Path()
}

// method keeps invented methods from becoming series.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
