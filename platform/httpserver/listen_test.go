package httpserver_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
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
		r, err := (&http.Client{}).Get(url + "/slow")
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

// Load balancers must see the readiness go before connections are refused; probes are answered to the end.
func TestDraining(t *testing.T) {
	t.Parallel()
	s := server(t, httpserver.Config{AdminListen: "localhost:0", DrainDelay: 200 * time.Millisecond}, io.Discard)
	url, stop := start(t, s)
	if code, body := get(t, url+"/readyz"); code != http.StatusOK {
		t.Fatalf("before: %d %s", code, body)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for deadline := time.Now().Add(5 * time.Second); ; {
		code, body := get(t, url+"/readyz")
		if code == http.StatusServiceUnavailable && strings.Contains(body, "draining") {
			break
		}
		if code != http.StatusOK || time.Now().After(deadline) {
			t.Fatalf("while draining: %d %s", code, body)
		}
	}
	if code, _ := get(t, url+"/livez"); code != http.StatusOK {
		t.Errorf("refused while draining: %d", code)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestAdminListenerServesHealthAlone(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := server(t, httpserver.Config{AdminListen: "localhost:0"}, &log)
	s.Root().GET("/jobs", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	url, stop := start(t, s)
	found := regexp.MustCompile(`health probes","address":"([^"]+)"`).FindStringSubmatch(log.String())
	if found == nil {
		t.Fatalf("log: %s", log.String())
	}
	if code, _ := get(t, url+"/jobs"); code != http.StatusNoContent {
		t.Errorf("public: %d", code)
	}
	for path, want := range map[string]int{"/jobs": 404, "/livez": 200, "/readyz": 200} {
		if code, body := get(t, "http://"+found[1]+path); code != want {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	hardened(t, "http://"+found[1]+"/livez")
	hardened(t, url+"/jobs")
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// hardened asks as a page of another site does.
func hardened(t *testing.T, url string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://elsewhere.example")
	res, err := new(http.Transport).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Cache-Control": "no-store", "Access-Control-Allow-Origin": "",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", url, name, got, want)
		}
	}
}

func TestAdminAddressInUseServesNothing(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := server(t, httpserver.Config{AdminListen: l.Addr().String()}, io.Discard)
	if err := s.Service().Run(t.Context()); err == nil || !strings.Contains(err.Error(), "choose another with FIAPX_ADMIN_LISTEN") {
		t.Errorf("%v", err)
	}
	if s.Addr() != nil {
		t.Error("it served all the same")
	}
}
