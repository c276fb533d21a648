package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/observe"
)

const requestIDHeader = "X-Request-ID"

type requestIDKey struct{}

// identify gives the request an id: the client's own when it is harmless, else a new one.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(requestIDHeader)
		if !harmlessID(id) {
			id = uuid.NewString()
		}
		ctx := context.WithValue(c.Request().Context(), requestIDKey{}, id)
		ctx = observe.WithAttrs(ctx, slog.String("request_id", id))
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Header().Set(requestIDHeader, id)
		return next(c)
	}
}

// harmlessID allows what can stand in a log line and a header: 8 to 64 letters, digits, dashes and underscores.
func harmlessID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, r := range []byte(id) {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// account measures each request and writes one line about it, but none for the probes. The query is left out: it may hold a token.
func (s *Server) account(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.URL.Path == livePath || r.URL.Path == readyPath || r.URL.Path == metricsPath {
			return next(c)
		}
		began := time.Now()
		defer s.meter.begin()()
		if err := next(c); err != nil {
			c.Error(err)
		}
		s.meter.count(c, time.Since(began))
		s.log.InfoContext(c.Request().Context(), "request", "method", r.Method, "path", r.URL.Path, "route", c.Path(), "status", c.Response().Status,
			"bytes", c.Response().Size, "duration_ms", time.Since(began).Milliseconds(), "client", c.RealIP())
		return nil
	}
}

// harden sets the headers of an API answer. A route that serves pages replaces the content policy and the caching.
func (s *Server) harden(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		if c.Scheme() == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// recoverPanics turns a panic into an internal error of that one request.
func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if e, ok := r.(error); ok && errors.Is(e, http.ErrAbortHandler) {
				panic(r) // net/http's own way to drop a connection
			}
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}()
		return next(c)
	}
}
