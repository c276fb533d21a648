package httpserver_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/httpserver"
)

// start serves until the returned function is called, which gives what the service returned.
func start(t *testing.T, s *httpserver.Server) (url string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Service().Run(ctx) }()
	for deadline := time.Now().Add(5 * time.Second); s.Addr() == nil; {
		if time.Now().After(deadline) {
			t.Fatal("it does not listen")
		}
		select {
		case err := <-done:
			t.Fatal(err)
		case <-time.After(time.Millisecond):
		}
	}
	return "http://" + s.Addr().String(), func() error { cancel(); return <-done }
}

func TestStopLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{}, io.Discard)
	entered, release := make(chan struct{}), make(chan struct{})
	s.Root().GET("/slow", func(c echo.Context) error {
		close(entered)
		<-release
		return c.String(200, "done")
	})
	url, stop := start(t, s)
	answer := make(chan string, 1)
	go func() {
		r, err := http.Get(url + "/slow") //nolint:noctx // ends with the server
		if err != nil {
			answer <- err.Error()
			return
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		answer <- string(body)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(release)
	if got := <-answer; got != "done" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestAddressInUseIsOneSentence(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := httpserver.New(httpserver.Config{Listen: l.Addr().String()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Service().Run(t.Context()); err == nil || !strings.Contains(err.Error(), "in use by another program") {
		t.Errorf("%v", err)
	}
}
