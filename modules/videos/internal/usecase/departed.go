package usecase

import (
	"context"
	"log/slog"
	"maps"
	"time"
)

// DepartedStore finds and removes what users own.
type DepartedStore interface {
	// Owners returns up to n ids of users who own something here, in order, after that one.
	Owners(ctx context.Context, after string, n int) ([]string, error)
	// Evict cancels and buries up to n jobs of the user, and returns how many. When none is left, the preferences go too.
	Evict(ctx context.Context, userID string, n int) (int, error)
}

// ClosedAccounts is whoever keeps the accounts.
type ClosedAccounts interface {
	// Closed returns a digest of the id of each account that was closed lately.
	Closed(ctx context.Context) ([]string, error)
}

// Departed removes what users owned whose accounts are closed. It is told of nothing: it looks at which accounts are closed and
// who owns something, so that no lost message and no crash can leave anything behind. The janitor removes the files of what is
// buried here. Any number of processes may do this at once; a value is not for concurrent use.
type Departed struct {
	Accounts ClosedAccounts
	Digest   func(userID string) string
	Store    DepartedStore
	Now      func() time.Time
	Log      *slog.Logger

	done map[string]bool // the closed accounts of the last complete round
	at   time.Time
}

const (
	departedBatch = 500
	// departedAgain is when owners are looked at again although no account was closed: an upload that was under way at that time
	// becomes a job later.
	departedAgain = 15 * time.Minute
)

// Round is one look.
func (d *Departed) Round(ctx context.Context) error {
	digests, err := d.Accounts.Closed(ctx)
	if err != nil {
		return err
	}
	closed := make(map[string]bool, len(digests))
	for _, digest := range digests {
		closed[digest] = true
	}
	if len(closed) == 0 || maps.Equal(closed, d.done) && d.Now().Sub(d.at) < departedAgain {
		return nil
	}
	at := d.Now()
	if err := d.evictAll(ctx, closed); err != nil {
		return err
	}
	d.done, d.at = closed, at
	return nil
}

func (d *Departed) evictAll(ctx context.Context, closed map[string]bool) error {
	for after := ""; ; {
		owners, err := d.Store.Owners(ctx, after, departedBatch)
		if err != nil {
			return err
		}
		for _, id := range owners {
			if !closed[d.Digest(id)] {
				continue
			}
			if err := d.evict(ctx, id); err != nil {
				return err
			}
		}
		if len(owners) < departedBatch {
			return nil
		}
		after = owners[len(owners)-1]
	}
}

func (d *Departed) evict(ctx context.Context, userID string) error {
	for total := 0; ; {
		n, err := d.Store.Evict(ctx, userID, janitorBatch)
		if err != nil {
			return err
		}
		if total += n; n < janitorBatch {
			d.Log.InfoContext(ctx, "jobs of a closed account deleted", "user_id", userID, "jobs", total)
			return nil
		}
	}
}
