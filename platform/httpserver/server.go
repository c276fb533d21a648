// Package httpserver is the HTTP side of every process: echo with the house's limits, headers, access log and health
// routes, and the one place where a fault becomes a status and an RFC 9457 problem. It knows no route of any module.
package httpserver

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// Router is where a module adds its routes.
type Router = *echo.Group

// Config is what an operator may set.
type Config struct {
	Listen         string        `env:"FIAPX_LISTEN" default:"localhost:8080" help:"address to serve HTTP on, HOST:PORT"`
	AdminListen    string        `env:"FIAPX_ADMIN_LISTEN" help:"address that serves only the health routes and /metrics, HOST:PORT, for what must not come through the public one; none by default"`
	TrustedProxies []string      `env:"FIAPX_TRUSTED_PROXIES" help:"networks (CIDR) whose X-Forwarded-For is believed; none by default"`
	CORSOrigins    []string      `env:"FIAPX_CORS_ORIGINS,CORS_ALLOWED_ORIGINS" help:"origins whose pages may call the API; none by default"`
	DrainDelay     time.Duration `env:"FIAPX_DRAIN_DELAY" default:"0s" help:"how long to keep serving after readiness went off, for load balancers to notice"`
}

// Validate reports settings that cannot work.
func (c Config) Validate() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("FIAPX_LISTEN %q is not HOST:PORT, as in localhost:8080: %w", c.Listen, err)
	}
	if _, _, err := net.SplitHostPort(c.AdminListen); err != nil && c.AdminListen != "" {
		return fmt.Errorf("FIAPX_ADMIN_LISTEN %q is not HOST:PORT, as in :8081: %w", c.AdminListen, err)
	}
	for _, origin := range c.CORSOrigins {
		if origin == "*" || !strings.Contains(origin, "://") {
			return fmt.Errorf("FIAPX_CORS_ORIGINS: %q is not an origin; name each one, as in https://app.example.org", origin)
		}
	}
	_, err := c.proxies()
	return err
}

func (c Config) proxies() ([]*net.IPNet, error) {
	var nets []*net.IPNet
	for _, p := range c.TrustedProxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			return nil, fmt.Errorf("FIAPX_TRUSTED_PROXIES: %q is not a network, as in 10.0.0.0/8", p)
		}
		nets = append(nets, &net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen())})
	}
	return nets, nil
}

// Server is an HTTP server that is not listening yet.
type Server struct {
	cfg      Config
	log      *slog.Logger
	echo     *echo.Echo
	admin    *echo.Echo // nil without an address of its own
	meter    *meter
	draining atomic.Bool

	mu     sync.Mutex
	checks []check
	addr   net.Addr
}

// New prepares the server with its health routes. It opens nothing.
func New(cfg Config, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: log, meter: newMeter(nil)}
	s.echo = s.newEcho()
	if len(cfg.CORSOrigins) > 0 {
		s.echo.Use(cors(cfg.CORSOrigins))
	}
	s.health(s.echo)
	if cfg.AdminListen != "" {
		s.admin = s.newEcho()
		s.health(s.admin)
	}
	return s, nil
}

// newEcho is an echo with what every listener has.
func (s *Server) newEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.problem
	e.IPExtractor = s.clientAddress()
	e.SchemeExtractor = s.scheme()
	e.Pre(middleware.RemoveTrailingSlash())
	e.Use(s.identify, s.account, s.harden, s.recoverPanics)
	return e
}

// clientAddress is the connection's own peer unless that is a trusted proxy: a header is anybody's to write.
func (s *Server) clientAddress() echo.IPExtractor {
	nets, err := s.cfg.proxies()
	if err != nil || len(nets) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, n := range nets {
		trust = append(trust, echo.TrustIPRange(n))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// scheme is https also where a proxy on a private network, or one that is trusted, says so. A client that lies about it
// harms nobody but itself: it is told to insist on https.
func (s *Server) scheme() echo.SchemeExtractor {
	nets, _ := s.cfg.proxies() // Validate has seen them
	trust := make([]echo.TrustOption, len(nets))
	for i, n := range nets {
		trust[i] = echo.TrustIPRange(n)
	}
	return echo.ExtractSchemeFromHeaders(trust...)
}

func cors(origins []string) echo.MiddlewareFunc {
	return middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins:  origins,
		AllowMethods:  []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodPost, http.MethodDelete},
		AllowHeaders:  []string{"Authorization", "X-API-Key", "Content-Type", "Idempotency-Key", requestIDHeader},
		ExposeHeaders: []string{"*"}, // which headers answers have is the modules' business; without credentials all may be read
		MaxAge:        600,
	})
}

// Root is the group of all routes.
func (s *Server) Root() Router { return s.echo.Group("") }

// Handler serves requests without a listener, for tests.
func (s *Server) Handler() http.Handler { return s.echo }

// Addr is where the server listens; nil before it does.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// LimitBody refuses request bodies over n bytes with 413, also those whose length is not announced.
func LimitBody(n int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.ContentLength > n {
				return errBodyTooLarge
			}
			if r.Body != nil {
				r.Body = http.MaxBytesReader(c.Response(), r.Body, n)
			}
			return next(c)
		}
	}
}

// RequestID is the id of the request that ctx belongs to; empty outside a request.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
