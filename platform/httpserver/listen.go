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
	listener, err := listen(ctx, s.cfg.Listen, "--listen")
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.addr = listener.Addr()
	s.mu.Unlock()
	failed := make(chan error, 2) // one of each listener
	servers := []*http.Server{s.start(ctx, listener, s.echo, failed)}
	if s.admin != nil {
		listener, err := listen(ctx, s.cfg.AdminListen, "FIAPX_ADMIN_LISTEN")
		if err != nil {
			return errors.Join(err, s.stop(ctx, servers, failed))
		}
		servers = append(servers, s.start(ctx, listener, s.admin, failed))
	}
	select {
	case err = <-failed:
		failed <- err // stop waits for one of each
		return errors.Join(fmt.Errorf("serve HTTP: %w", err), s.stop(ctx, servers, failed))
	case <-ctx.Done():
	}
	s.draining.Store(true)
	time.Sleep(s.cfg.DrainDelay)
	return s.stop(ctx, servers, failed)
}

func (s *Server) start(ctx context.Context, listener net.Listener, handler http.Handler, failed chan<- error) *http.Server {
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	s.log.InfoContext(ctx, "listening", "address", listener.Addr().String())
	go func() { failed <- srv.Serve(listener) }()
	return srv
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
		<-failed
	}
	return errors.Join(errs...)
}

// listen says which setting to change when the address cannot be had.
func listen(ctx context.Context, address, setting string) (net.Listener, error) {
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
