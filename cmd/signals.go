package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// errInterrupted is the cause of the context after the first signal.
var errInterrupted = errors.New("interrupted")

// onSignals gives a context that the first signal ends, so that work is put away in order. The second one ends the
// program at once: whoever presses the key again does not want to wait.
func onSignals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case <-done:
			return
		case <-signals:
			cancel(errInterrupted)
		}
		select {
		case <-done:
		case <-signals:
			os.Exit(exitInterrupted) //nolint:forbidigo // the second signal means now
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
