// Package run keeps the long-lived parts of a process together: it starts them in order, notices the first one that ends,
// and stops them in reverse order, each within its own time. It restarts nothing and catches no signals: a supervisor
// outside (systemd, Docker, Kubernetes) does the first, main the second.
package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// DefaultGrace is the time to stop of a service that names none.
const DefaultGrace = 10 * time.Second

// ErrEnded says that a service returned without an error although nobody had asked it to stop.
var ErrEnded = errors.New("ended although it was not asked to")

// ErrStuck says that a service did not return within its grace and was left behind.
var ErrStuck = errors.New("did not stop in time and was abandoned")

// Service is one long-lived part of a process.
type Service struct {
	Name string
	// Run works until ctx ends and then returns, with nil or the error of ctx when it stopped well.
	Run func(ctx context.Context) error
	// Grace is how long Run may take to return after ctx has ended; zero is DefaultGrace.
	Grace time.Duration
}

// Group runs services until ctx ends or one of them returns, then stops all in reverse order, so that what was started
// later never misses what it relies on. It returns the joined errors of all services, nil if they stopped because ctx
// ended and stopped well. It does not wait for a service to be ready before it starts the next one.
//
// A service keeps the values of ctx, not its end: each is told to stop when its turn comes.
func Group(ctx context.Context, log *slog.Logger, services ...Service) error {
	ended := make(chan string, len(services))
	running := make([]*process, len(services))
	for i, s := range services {
		running[i] = start(ctx, s, ended)
		log.InfoContext(ctx, "service started", "service", s.Name)
	}
	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "stopping", "services", len(services))
	case name := <-ended:
		log.ErrorContext(ctx, "service ended unasked, stopping the others", "service", name)
	}
	errs := make([]error, len(running))
	for i := len(running) - 1; i >= 0; i-- {
		errs[i] = running[i].stop()
		log.InfoContext(ctx, "service stopped", "service", running[i].Name, "clean", errs[i] == nil)
	}
	return errors.Join(errs...)
}

// process is a service while it runs.
type process struct {
	Service
	cancel context.CancelFunc
	done   chan error
}

func start(parent context.Context, s Service, ended chan<- string) *process {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	p := &process{Service: s, cancel: cancel, done: make(chan error, 1)}
	go func() {
		err := s.Run(ctx)
		p.done <- judge(ctx, err)
		ended <- s.Name
	}()
	return p
}

// judge decides whether Run ended well. A cancellation counts as well only if it is the one that was asked for.
func judge(ctx context.Context, err error) error {
	switch asked := ctx.Err() != nil; {
	case !asked && err == nil:
		return ErrEnded
	case asked && errors.Is(err, context.Canceled):
		return nil
	}
	return err
}

func (p *process) stop() error {
	p.cancel()
	grace := p.Grace
	if grace <= 0 {
		grace = DefaultGrace
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("service %s: %w", p.Name, err)
		}
		return nil
	case <-timer.C:
		return fmt.Errorf("service %s: %w (%s)", p.Name, ErrStuck, grace)
	}
}
