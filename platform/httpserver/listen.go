package httpserver

import (
	"context"
	"errors"
	"fmt"
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
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return cannotListen(s.cfg.Listen, err)
	}
	s.mu.Lock()
	s.addr = listener.Addr()
	s.mu.Unlock()
	srv := &http.Server{
		Handler: s.echo, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	s.log.InfoContext(ctx, "listening", "address", listener.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.draining.Store(true)
	time.Sleep(s.cfg.DrainDelay)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	err = srv.Shutdown(stop)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were cut off: %w", err), srv.Close())
	}
	<-failed
	return err
}

func cannotListen(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("cannot listen on %s: it is in use by another program; choose another with --listen", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("cannot listen on %s: ports below 1024 need privileges; choose another with --listen", address)
	}
	return fmt.Errorf("cannot listen on %s: check the address given with --listen: %w", address, err)
}
