//go:build acceptance

package acceptance

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// scenarios are what the product does, each on accounts of its own. They run one after another, because two of them look
// at the shared data folder.
var scenarios = []struct {
	name string
	run  func(t *testing.T, w *world)
}{
	{"pages", pages},
	{"health", health},
	{"accounts", accounts},
	{"sessions", sessions},
	{"own sessions", ownSessions},
	{"API keys", apiKeys},
	{"administration", administration},
	{"command line", commandLine},
	{"closed account", closing},
	{"smoke", smoke},
	{"password", password},
	{"forgotten password", forgottenPassword},
	{"confirmed address", confirming},
	{"wrong accounts", wrongAccounts},
	{"tokens", tokens},
	{"main job", mainJob},
	{"sent again", sentAgain},
	{"same frames as ffmpeg", sameFrames},
	{"jpeg", jpegFrames},
	{"plan", planning},
	{"mails about jobs", jobMails},
	{"cancel", cancelJob},
	{"poison", poisonJob},
	{"bad input", badInput},
	{"strangers", strangers},
	{"preferences", preferences},
	{"list", listing},
}

func TestScenarios(t *testing.T) {
	for name, start := range topologies {
		t.Run(name, func(t *testing.T) {
			w := newWorld(deploy(t, start, "FIAPX_LOG_LEVEL=debug"))
			for _, s := range scenarios {
				t.Run(s.name, func(t *testing.T) { s.run(t, w) })
			}
			t.Run("every route was driven", w.droveEveryRoute)
			w.d.stop(t)
			t.Run("logs keep secrets", w.logsKeepSecrets)
		})
	}
}

// droveEveryRoute holds the published description against what the scenarios called, so that a new route cannot be
// added without a scenario.
func (w *world) droveEveryRoute(t *testing.T) {
	spec := w.get(t, "", "/openapi.json")
	for path, item := range spec.at(t, "paths").(map[string]any) {
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "[^/]+") + "$")
		for method := range item.(map[string]any) {
			method = strings.ToUpper(method)
			if slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, method) && !w.drove(method, pattern) {
				t.Errorf("no scenario drives %s %s", method, path)
			}
		}
	}
}

func (w *world) drove(method string, pattern *regexp.Regexp) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for called := range w.driven {
		verb, path, _ := strings.Cut(called, " ")
		if verb == method && pattern.MatchString(path) {
			return true
		}
	}
	return false
}

// pages are what a browser asks for.
func pages(t *testing.T, w *world) {
	for path, kind := range map[string]string{
		"/": "text/html", "/docs": "text/html", "/jobs/0": "text/html",
		"/openapi.json": "application/json", "/openapi.yaml": "application/yaml",
	} {
		q := call{method: http.MethodGet, path: path, header: http.Header{"Accept": {"text/html,*/*;q=0.8"}}}
		a := w.do(t, q)
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), kind) {
			t.Errorf("GET %s: %d %s, want 200 %s", path, a.status, a.header.Get("Content-Type"), kind)
		}
		q.header.Set("If-None-Match", a.header.Get("ETag"))
		if again := w.do(t, q); again.status != http.StatusNotModified {
			t.Errorf("GET %s with its ETag: %d, want 304", path, again.status)
		}
	}
	spec := w.get(t, "", "/openapi.json").at(t, "paths").(map[string]any)
	published := []string{"/video-processing/submit", "/video-processing/jobs/{job_id}/download"}
	if w.d.together() { // a process publishes what it serves
		published = append(published, "/auth/register", "/auth/login", "/users/profile")
	}
	for _, path := range published {
		if spec[path] == nil {
			t.Errorf("/openapi.json lacks %s", path)
		}
	}
	missing := call{method: http.MethodGet, path: "/video-processing/nothing", header: http.Header{"Accept": {"text/html"}}}
	refused(t, w.do(t, missing), refusal{status: []int{http.StatusNotFound}})
	refused(t, w.do(t, call{method: http.MethodPut, path: "/auth/login"}), refusal{status: []int{http.StatusMethodNotAllowed}})
}

func health(t *testing.T, w *world) {
	for _, path := range []string{"/livez", "/readyz"} {
		if a := w.do(t, call{method: http.MethodGet, path: path}); a.status != http.StatusOK {
			t.Errorf("GET %s: %d: %s", path, a.status, a.body)
		}
	}
	h := w.get(t, "", "/video-processing/system/health")
	h.want(t, map[string]any{"status": "healthy", "service": "video-processing", "dependencies.database.healthy": true})
	h.times(t, "timestamp")
	if h.number(t, "processing_capacity.max_concurrent_jobs") < 1 || h.number(t, "max_file_size_mb") < 1 {
		t.Errorf("no capacity: %v", h.value)
	}
	stats := call{method: http.MethodGet, path: "/video-processing/system/stats"}
	refused(t, w.do(t, stats), refusal{status: []int{http.StatusUnauthorized}})
	u := w.signIn(t)
	s := w.get(t, u.token, stats.path)
	for _, path := range []string{"processing_stats.success_rate", "queue_stats.pending_jobs", "system_resources.memory_usage", "system_resources.disk_usage"} {
		if n := s.number(t, path); n < 0 || n > 100 {
			t.Errorf("%s = %v", path, n)
		}
	}
	if s.number(t, "system_resources.available_workers") < 1 || s.number(t, "system_resources.memory_usage") == 0 {
		t.Errorf("no worker or no memory is seen: %v", s.value)
	}
}
