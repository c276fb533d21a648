package app

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// composed builds a target over a fresh folder without starting it.
func composed(t *testing.T, name string) *process {
	t.Helper()
	target, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	environ := func(string) (string, bool) { return "", false }
	vars := Overrides{Data: t.TempDir(), Listen: "localhost:0"}
	cfg, err := Load(Target{}, environ, vars)
	if err != nil {
		t.Fatal(err)
	}
	p, err := build(t.Context(), target, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestComposition(t *testing.T) {
	t.Parallel()
	authWork := []string{"auth-announce", "auth-keys", "auth-watch", "auth-follow", "auth-sweep"}
	videosWork := []string{"videos outbox relay", "videos rescuer", "videos janitor", "videos sweeper"}
	worker := []string{"worker-registry", "worker", "worker-hints"}
	tests := map[string]struct {
		services  []string
		databases []string
		routes    map[string]int // an answer that only the module with this route gives
	}{
		"all": {
			slices.Concat([]string{"storage sweeper"}, authWork, []string{"videos departed"}, videosWork, worker, []string{"http"}),
			[]string{"auth", "notify", "videos"},
			map[string]int{"/.well-known/jwks.json": 200, "/video-processing/jobs": 401, "/docs": 200, "/": 200, "/readyz": 200},
		},
		"serve-auth": {
			append(slices.Clone(authWork), "http"),
			[]string{"auth"},
			map[string]int{"/.well-known/jwks.json": 200, "/video-processing/jobs": 404, "/docs": 404, "/readyz": 200},
		},
		"serve-api": {
			[]string{"storage sweeper", "signing keys", "videos departed", "http"},
			[]string{"videos"},
			map[string]int{"/.well-known/jwks.json": 404, "/video-processing/jobs": 401, "/docs": 200, "/readyz": 503},
		},
		"work": {
			slices.Concat([]string{"storage sweeper"}, videosWork, worker, []string{"http"}),
			[]string{"notify", "videos"},
			map[string]int{"/video-processing/jobs": 404, "/": 404, "/livez": 200, "/readyz": 200},
		},
	}
	for _, target := range targets {
		if _, ok := tests[target.Name]; !ok {
			t.Errorf("target %s has no expectation here", target.Name)
		}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := composed(t, name)
			if diff := cmp.Diff(tt.services, serviceNames(p)); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.databases, databases(p)); diff != "" {
				t.Errorf("databases (-want +got):\n%s", diff)
			}
			for path, want := range tt.routes {
				if got := status(t, p, path); got != want {
					t.Errorf("GET %s is %d, want %d", path, got, want)
				}
			}
		})
	}
}

// The description is the same whichever process gives it.
func TestDescriptionIsWhole(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"all", "serve-api"} {
		p := composed(t, name)
		w := httptest.NewRecorder()
		p.server.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", nil))
		for _, path := range []string{"/auth/login", "/.well-known/jwks.json", "/users/profile", "/video-processing/jobs"} {
			if !strings.Contains(w.Body.String(), `"`+path+`"`) {
				t.Errorf("%s does not describe %s", name, path)
			}
		}
	}
}

func serviceNames(p *process) (names []string) {
	for _, s := range p.services {
		names = append(names, s.Name)
	}
	return names
}

func databases(p *process) (names []string) {
	for name := range p.dbs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func status(t *testing.T, p *process, path string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	w := httptest.NewRecorder()
	p.server.Handler().ServeHTTP(w, r)
	return w.Code
}

// Everything that a target needs must be built before it.
func TestTargetsNameOnlyWhatTheyConstruct(t *testing.T) {
	t.Parallel()
	for _, target := range targets {
		for _, module := range slices.Concat(target.Routes, target.Services) {
			if !target.has(module) {
				t.Errorf("%s uses %s without constructing it", target.Name, module)
			}
		}
		for _, module := range target.Modules {
			if !slices.Contains(buildOrder, module) || builders[module] == nil {
				t.Errorf("%s: nobody builds %s", target.Name, module)
			}
		}
	}
}

func TestFolderOfAllIsItsOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := lockFolder(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, alone := range []bool{true, false} {
		if _, err := lockFolder(dir, alone); err == nil || !strings.Contains(err.Error(), "in use by another fiapx") {
			t.Errorf("second process, alone %v: %v", alone, err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the processes of a split deployment share it
		file, err := lockFolder(dir, false)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
	}
}

// A whole process starts, says that it is ready, and stops cleanly when told to.
func TestRunStopsCleanly(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"all", "serve-auth", "work"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := Load(Target{}, func(string) (string, bool) { return "", false }, Overrides{Data: t.TempDir(), Listen: "localhost:0"})
			if err != nil {
				t.Fatal(err)
			}
			listening := make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error)
			go func() { done <- Run(ctx, target, cfg, slog.New(&waiter{message: "listening", seen: listening})) }()
			select {
			case <-listening:
				cancel()
				err = <-done
			case err = <-done:
				t.Error("it ended by itself")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// waiter is a log handler that tells when a message comes.
type waiter struct {
	message string
	seen    chan struct{}
}

func (*waiter) Enabled(context.Context, slog.Level) bool { return true }
func (w *waiter) WithAttrs([]slog.Attr) slog.Handler     { return w }
func (w *waiter) WithGroup(string) slog.Handler          { return w }

func (w *waiter) Handle(_ context.Context, r slog.Record) error {
	if r.Message == w.message {
		close(w.seen)
	}
	return nil
}
