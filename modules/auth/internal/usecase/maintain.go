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
	// ForgetEntries removes up to limit entries of the audit log from before the given time.
	ForgetEntries(ctx context.Context, before time.Time, limit int) (deleted int, err error)
	// ForgetUsers removes up to limit rows of accounts closed before the given time.
	ForgetUsers(ctx context.Context, before time.Time, limit int) (deleted int, err error)
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
	// Retention is how long the audit log goes back; 0 is for ever.
	Retention time.Duration
}

// Sweep deletes sessions that ended more than a day ago, what is left of accounts that everybody has heard of, and entries of
// the audit log past their retention.
func (uc Maintain) Sweep(ctx context.Context) error {
	sessions, err := inBatches(ctx, uc.now().Add(-sweepKeeps), uc.Janitor.DeleteSessions)
	if sessions > 0 {
		uc.Log.InfoContext(ctx, "ended sessions deleted", "sessions", sessions)
	}
	if _, failed := inBatches(ctx, uc.now().Add(-ClosedKeeps-sweepKeeps), uc.Janitor.ForgetUsers); failed != nil {
		err = errors.Join(err, failed)
	}
	if uc.Retention == 0 || err != nil {
		return err
	}
	entries, err := inBatches(ctx, uc.now().Add(-uc.Retention), uc.Janitor.ForgetEntries)
	if entries > 0 {
		uc.Log.InfoContext(ctx, "audit log shortened", "entries", entries)
	}
	return err
}

func inBatches(ctx context.Context, before time.Time, remove func(context.Context, time.Time, int) (int, error)) (total int, err error) {
	for {
		n, err := remove(ctx, before, sweepBatch)
		total += n
		if err != nil || n < sweepBatch {
			return total, err
		}
	}
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
