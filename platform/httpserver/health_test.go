package httpserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiapx/fiapx/platform/httpserver"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{}, io.Discard)
	failing := true
	s.Ready("database", func(context.Context) error {
		if failing {
			return errors.New("connection to 10.0.0.5 refused")
		}
		return nil
	})
	w := do(s, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != 503 || !strings.Contains(w.Body.String(), `"database":"failing"`) || strings.Contains(w.Body.String(), "10.0.0.5") {
		t.Errorf("failing: %d %s", w.Code, w.Body.String())
	}
	failing = false
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if w := do(s, httptest.NewRequest(method, "/readyz", nil)); w.Code != 200 {
			t.Errorf("ready: %d %s", w.Code, w.Body.String())
		}
		if w := do(s, httptest.NewRequest(method, "/livez", nil)); w.Code != 200 {
			t.Errorf("live: %d", w.Code)
		}
	}
}

// What is not needed never takes a replica away, and its check ends before a probe loses patience.
func TestWatchedDependencyDegrades(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server(t, httpserver.Config{}, io.Discard)
		hanging := true
		s.Ready("database", func(context.Context) error { return nil })
		s.Watch("bus", "kafka", "poll", func(ctx context.Context) error {
			if hanging {
				<-ctx.Done()
			}
			return ctx.Err()
		})
		ask := func() string {
			began := time.Now()
			w := do(s, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			if took := time.Since(began); w.Code != 200 || took > 500*time.Millisecond {
				t.Errorf("%d after %s", w.Code, took)
			}
			return strings.TrimSpace(w.Body.String())
		}
		if got, want := ask(), `{"checks":{"bus":"degraded: poll","database":"ok"},"status":"degraded"}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		hanging = false
		if got, want := ask(), `{"checks":{"bus":"kafka","database":"ok"},"status":"ready"}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Whatever hangs, a probe is answered within two seconds.
func TestHangingChecksFailTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server(t, httpserver.Config{}, io.Discard)
		for _, name := range []string{"a", "b", "c"} {
			s.Ready(name, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		}
		s.Ready("d", func(context.Context) error { return nil })
		began := time.Now()
		w := do(s, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		want := `{"checks":{"a":"failing","b":"failing","c":"failing","d":"ok"},"status":"not ready"}`
		if got := strings.TrimSpace(w.Body.String()); w.Code != 503 || got != want || time.Since(began) != 2*time.Second {
			t.Errorf("after %s: %d %s", time.Since(began), w.Code, got)
		}
	})
}
