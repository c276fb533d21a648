package httpserver

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

type check struct {
	name string
	run  func(context.Context) error
}

// checkTimeout bounds one readiness check, so that a hanging dependency reads as a failing one.
const checkTimeout = 2 * time.Second

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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checks = append(s.checks, check{name, run})
}

// live says that the process runs, whatever it depends on.
func live(c echo.Context) error {
	return JSON(c, http.StatusOK, map[string]string{"status": "ok"})
}

// readiness says whether requests should be sent here: every check passes and the server is not stopping.
func (s *Server) readiness(c echo.Context) error {
	if s.draining.Load() {
		return JSON(c, http.StatusServiceUnavailable, map[string]any{"status": "draining", "checks": map[string]string{}})
	}
	s.mu.Lock()
	checks := s.checks[:len(s.checks):len(s.checks)]
	s.mu.Unlock()
	code, overall, results := http.StatusOK, "ready", map[string]string{}
	for i, err := range runAll(c.Request().Context(), checks) {
		results[checks[i].name] = "ok"
		if err != nil {
			s.log.WarnContext(c.Request().Context(), "readiness check failed", "check", checks[i].name, "err", err)
			results[checks[i].name], code, overall = "failing", http.StatusServiceUnavailable, "not ready"
		}
	}
	return JSON(c, code, map[string]any{"status": overall, "checks": results})
}

// runAll runs the checks beside each other: a probe gives up long before several slow ones in a row.
func runAll(ctx context.Context, checks []check) []error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	errs := make([]error, len(checks))
	var wg sync.WaitGroup
	for i, k := range checks {
		wg.Go(func() { errs[i] = k.run(ctx) })
	}
	wg.Wait()
	return errs
}
