package usecase

import (
	"context"
	"time"
)

// Follow announces what others have written into the database without a cache to tell: the command line, and a server that died
// between the two. Not for concurrent use.
type Follow struct {
	Announcer
	Sessions RevokedLister

	told map[string]bool // what the round before has seen
}

// followLap is how far back each round looks: several rounds, and clocks that disagree a little.
const followLap = 15 * time.Second

// Round publishes each session that has ended lately once.
func (uc *Follow) Round(ctx context.Context) error {
	ids, err := uc.Sessions.RevokedSince(ctx, uc.now().Add(-followLap))
	if err != nil {
		return err
	}
	told := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !uc.told[id] {
			if err := uc.Publisher.RevokeSession(ctx, id, uc.Longest); err != nil {
				return err
			}
		}
		told[id] = true
	}
	uc.told = told
	return nil
}
