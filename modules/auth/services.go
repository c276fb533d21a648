package auth

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/platform/run"
)

const (
	sweepEvery    = time.Hour
	announceEvery = 30 * time.Second
	watchEvery    = time.Second
	followEvery   = 2 * time.Second
	grace         = 5 * time.Second
)

// Services are the module's housekeeping; any number of processes may run them.
func (m *Module) Services() []run.Service {
	return append(m.mailServices(), []run.Service{
		{Name: "auth-announce", Run: m.every(announceEvery, m.maintain.Announce), Grace: grace},
		{Name: "auth-keys", Run: m.every(tendEvery, m.keeper.Tend), Grace: grace},
		{Name: "auth-watch", Run: m.every(watchEvery, m.maintain.Watch), Grace: grace},
		{Name: "auth-follow", Run: m.every(followEvery, m.follow.Round), Grace: grace},
		{Name: "auth-sweep", Run: m.every(sweepEvery, m.maintain.Sweep), Grace: grace},
	}...)
}

// every does the work at once and then again and again. A failure is logged and healed by the next round: housekeeping
// must not take the program down.
func (m *Module) every(interval time.Duration, work func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			if err := work(ctx); err != nil && ctx.Err() == nil {
				m.log.WarnContext(ctx, "housekeeping of auth put off", "err", err)
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return nil
			}
		}
	}
}
