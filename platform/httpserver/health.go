package httpserver

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

type check struct {
	name string
	run  func(context.Context) error
}

// checkTimeout bounds one readiness check, so that a hanging dependency reads as a failing one.
const checkTimeout = 2 * time.Second

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
	for _, k := range checks {
		ctx, cancel := context.WithTimeout(c.Request().Context(), checkTimeout)
		err := k.run(ctx)
		cancel()
		results[k.name] = "ok"
		if err != nil {
			s.log.WarnContext(ctx, "readiness check failed", "check", k.name, "err", err)
			results[k.name], code, overall = "failing", http.StatusServiceUnavailable, "not ready"
		}
	}
	return JSON(c, code, map[string]any{"status": overall, "checks": results})
}
