package usecase

import (
	"context"
	"time"
)

// Janitor removes what is over and finds what must be announced again.
type Janitor interface {
	// DeleteSessions removes up to limit sessions that expired or were revoked before the given time, with their tokens.
	DeleteSessions(ctx context.Context, before time.Time, limit int) (deleted int, err error)
	// RevokedSince returns the ids of sessions revoked at or after the given time.
	RevokedSince(ctx context.Context, since time.Time) ([]string, error)
}

const (
	sweepBatch  = 500 // sessions a statement: long enough to be quick, short enough not to hold the only writer of SQLite
	sweepKeeps  = 24 * time.Hour
	announceLap = time.Minute // revocations are looked up a little further back than needed, for clocks that disagree
)

// Maintain is the module's housekeeping.
type Maintain struct {
	Announcer
	Janitor Janitor
}

// Sweep deletes sessions that ended more than a day ago.
func (uc Maintain) Sweep(ctx context.Context) error {
	before, total := uc.now().Add(-sweepKeeps), 0
	for {
		n, err := uc.Janitor.DeleteSessions(ctx, before, sweepBatch)
		if err != nil {
			return err
		}
		total += n
		if n < sweepBatch {
			break
		}
	}
	if total > 0 {
		uc.Log.InfoContext(ctx, "ended sessions deleted", "sessions", total)
	}
	return nil
}

// Announce publishes again every revocation that an access token could still contradict. It makes up for a cache that
// was down or lost its memory; publishing twice is harmless.
func (uc Maintain) Announce(ctx context.Context) error {
	ids, err := uc.Janitor.RevokedSince(ctx, uc.now().Add(-uc.Longest-announceLap))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := uc.Publisher.RevokeSession(ctx, id, uc.Longest); err != nil {
			return err
		}
	}
	return nil
}
