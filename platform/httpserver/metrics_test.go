package httpserver_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/httpserver"
	"github.com/fiapx/fiapx/platform/observe"
)

func TestRequestsAreMeasuredByRoute(t *testing.T) {
	t.Parallel()
	admin := freeAddress(t)
	s := server(t, httpserver.Config{AdminListen: admin}, io.Discard)
	s.Measure(observe.NewMetrics("v1", slog.New(slog.DiscardHandler)))
	s.Root().GET("/jobs/:id", func(c echo.Context) error {
		if c.Param("id") == "none" {
			return fault.New(fault.NotFound, "x.none", "There is no such job.")
		}
		return c.NoContent(http.StatusNoContent)
	})
	_, stop := start(t, s)
	for _, path := range []string{"/jobs/1", "/jobs/2", "/jobs/none", "/livez"} {
		do(s, httptest.NewRequest(http.MethodGet, path, nil))
	}
	for i := range 20 { // what clients invent must not become series
		do(s, httptest.NewRequest(fmt.Sprint("ODD", i), fmt.Sprint("/nowhere/", i), nil))
	}
	status, text := get(t, "http://"+admin+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d: %s", status, text)
	}
	for _, want := range []string{
		`fiapx_http_request_duration_seconds_count{method="GET",route="/jobs/:id",status="204"} 2`,
		`fiapx_http_request_duration_seconds_count{method="GET",route="/jobs/:id",status="404"} 1`,
		`method="other",route="none",status="404"} 20`, "fiapx_http_requests_open 0", "fiapx_build_info",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the scrape lacks %s", want)
		}
	}
	for _, unwanted := range []string{"nowhere", "ODD", "livez"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("the scrape shows %s", unwanted)
		}
	}
	if w := do(s, httptest.NewRequest(http.MethodGet, "/metrics", nil)); w.Code != http.StatusNotFound {
		t.Errorf("the public address answers /metrics with %d", w.Code)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
