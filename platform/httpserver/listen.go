package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/fiapx/fiapx/platform/run"
)

// Limits on connections. There is no overall read or write timeout: uploads and downloads take as long as bytes move.
const (
	headerTimeout = 5 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 32 << 10
	shutdownGrace = 25 * time.Second
)

// Service listens until it is stopped: readiness goes off, the drain delay passes, then requests under way may finish.
func (s *Server) Service() run.Service {
	return run.Service{Name: "http", Run: s.serve, Grace: s.cfg.DrainDelay + shutdownGrace + time.Second}
}

func (s *Server) serve(ctx context.Context) error {
	listeners, err := s.listen(ctx)
	if err != nil {
		return err
	}
	failed := make(chan error, len(listeners))  // one of each
	handlers := []http.Handler{s.echo, s.admin} // in the order of the listeners
	var servers []*http.Server
	for i, l := range listeners {
		srv := s.newServer(ctx, handlers[i])
		servers = append(servers, srv)
		go func() { failed <- srv.Serve(l) }()
	}
	s.mu.Lock()
	s.addr = listeners[0].Addr()
	s.mu.Unlock()
	select {
	case err = <-failed:
		failed <- err // stop waits for one of each
		return errors.Join(fmt.Errorf("serve HTTP: %w", err), s.stop(ctx, servers, failed))
	case <-ctx.Done():
	}
	s.draining.Store(true)
	<-time.After(s.cfg.DrainDelay) // ctx is over already; the delay is what the operator asked for
	return s.stop(ctx, servers, failed)
}

// listen opens the public address and the one of the health routes, both or none.
func (s *Server) listen(ctx context.Context) ([]net.Listener, error) {
	public, err := listenOn(ctx, s.cfg.Listen, "--listen")
	if err != nil {
		return nil, err
	}
	s.log.InfoContext(ctx, "listening", "address", public.Addr().String())
	if s.admin == nil {
		return []net.Listener{public}, nil
	}
	admin, err := listenOn(ctx, s.cfg.AdminListen, "FIAPX_ADMIN_LISTEN")
	if err != nil {
		return nil, errors.Join(err, public.Close())
	}
	s.log.InfoContext(ctx, "listening for health probes", "address", admin.Addr().String())
	return []net.Listener{public, admin}, nil
}

func (s *Server) newServer(ctx context.Context, handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// stop lets requests finish, the public ones first so that probes are answered to the end, and waits for the listeners.
func (s *Server) stop(ctx context.Context, servers []*http.Server, failed <-chan error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	var errs []error
	for _, srv := range servers {
		if err := srv.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("requests were cut off: %w", err), srv.Close())
		}
	}
	for range servers {
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			s.log.DebugContext(ctx, "server ended", "err", err)
		}
	}
	return errors.Join(errs...)
}

// listenOn says which setting to change when the address cannot be had.
func listenOn(ctx context.Context, address, setting string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("cannot listen on %s: it is in use by another program; choose another with %s", address, setting)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("cannot listen on %s: ports below 1024 need privileges; choose another with %s", address, setting)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s: check the address given with %s: %w", address, setting, err)
	}
	return listener, nil
}
