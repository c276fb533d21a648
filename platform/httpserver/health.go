package httpserver

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

type check struct {
	name   string
	run    func(context.Context) error
	limit  time.Duration
	good   string
	bad    string
	needed bool
}

const (
	// checkTimeout bounds one readiness check, so that a hanging dependency reads as a failing one.
	checkTimeout = 2 * time.Second
	// watchTimeout is below the second that Kubernetes gives a probe by default: what is not needed must not make it fail.
	watchTimeout = 500 * time.Millisecond
)

const (
	livePath  = "/livez"
	readyPath = "/readyz"
)

// health adds the probes. HEAD is for the probes of container images that have no more than `wget --spider`.
func (s *Server) health(e *echo.Echo) {
	e.Match([]string{http.MethodGet, http.MethodHead}, livePath, live)
	e.Match([]string{http.MethodGet, http.MethodHead}, readyPath, s.readiness)
}

// Ready adds a check to /readyz. The answer names it; the cause of a failure is only logged.
func (s *Server) Ready(name string, run func(ctx context.Context) error) {
	s.add(check{name: name, run: run, limit: checkTimeout, good: "ok", bad: "failing", needed: true})
}

// Watch adds a dependency to /readyz without which the process works, less well: its failure reads as "degraded" and leaves
// the status at 200, because taking every replica away would be worse. with and without are words for the two states, such
// as "kafka" and "poll".
func (s *Server) Watch(name, with, without string, run func(ctx context.Context) error) {
	s.add(check{name: name, run: run, limit: watchTimeout, good: with, bad: "degraded: " + without})
}

func (s *Server) add(c check) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checks = append(s.checks, c)
}

// live says that the process runs, whatever it depends on.
func live(c echo.Context) error {
	return JSON(c, http.StatusOK, map[string]string{"status": "ok"})
}

// readiness says whether requests should be sent here: what is needed answers and the server is not stopping.
func (s *Server) readiness(c echo.Context) error {
	if s.draining.Load() {
		return JSON(c, http.StatusServiceUnavailable, map[string]any{"status": "draining", "checks": map[string]string{}})
	}
	s.mu.Lock()
	checks := s.checks[:len(s.checks):len(s.checks)]
	s.mu.Unlock()
	code, overall, results := http.StatusOK, "ready", map[string]string{}
	for i, err := range runAll(c.Request().Context(), checks) {
		k := checks[i]
		results[k.name] = k.good
		if err == nil {
			continue
		}
		results[k.name] = k.bad
		s.log.WarnContext(c.Request().Context(), "readiness check failed", "check", k.name, "needed", k.needed, "err", err)
		switch {
		case k.needed:
			code, overall = http.StatusServiceUnavailable, "not ready"
		case code == http.StatusOK:
			overall = "degraded"
		}
	}
	return JSON(c, code, map[string]any{"status": overall, "checks": results})
}

// runAll runs the checks beside each other: a probe gives up long before several slow ones in a row.
func runAll(ctx context.Context, checks []check) []error {
	errs := make([]error, len(checks))
	var wg sync.WaitGroup
	for i, k := range checks {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, k.limit)
			defer cancel()
			errs[i] = k.run(ctx)
		})
	}
	wg.Wait()
	return errs
}
