// Package loop repeats a piece of work at intervals and whenever a bell rings. It is the shape of the module's
// background services; what they do is elsewhere.
package loop

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Bell wakes a loop. Rings while one is waiting to be heard are one ring.
type Bell chan struct{}

// NewBell returns a bell.
func NewBell() Bell { return make(Bell, 1) }

// Ring never blocks.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// Loop says what to repeat and when.
type Loop struct {
	Name  string
	Every time.Duration // give or take a tenth, so that many processes do not fall into step
	Bell  Bell          // nil for none
	Do    func(ctx context.Context) error
	Log   *slog.Logger
}

// Run works until ctx ends; an error of the work is logged and the work is tried again at the next turn.
func (l Loop) Run(ctx context.Context) error {
	for {
		if err := l.Do(ctx); err != nil && ctx.Err() == nil {
			l.Log.WarnContext(ctx, "background work failed, will be tried again", "service", l.Name, "err", err)
		}
		timer := time.NewTimer(jitter(l.Every))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-l.Bell:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func jitter(d time.Duration) time.Duration {
	return d - d/10 + rand.N(d/5+1)
}
