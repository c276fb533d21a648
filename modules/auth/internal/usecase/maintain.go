package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
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
	return uc.Publisher.MarkComplete(ctx)
}

// Watch announces at once when the cache has lost its memory. A cache that does not answer is Announce's to report.
func (uc Maintain) Watch(ctx context.Context) error {
	complete, err := uc.Publisher.Complete(ctx)
	if err != nil || complete {
		return nil //nolint:nilerr // see above; this runs every second
	}
	uc.Log.InfoContext(ctx, "cache of revocations is empty, filling it")
	return uc.Announce(ctx)
}

// Over says whether a session has ended. The database is asked, so the answer is final.
type Over struct {
	Basis
	Sessions SessionReader
}

// Over counts a session that is unknown as ended.
func (uc Over) Over(ctx context.Context, sessionID string) (bool, error) {
	session, err := uc.Sessions.SessionByID(ctx, sessionID)
	if errors.Is(err, domain.ErrSessionNotFound) {
		return true, nil
	}
	return err == nil && session.Check(uc.now()) != nil, err
}
