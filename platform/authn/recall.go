package authn

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fiapx/fiapx/platform/cache/memory"
)

const (
	// askTimeout bounds what a slow cache adds to a request, askPause how often it may.
	askTimeout = 250 * time.Millisecond
	askPause   = time.Second
	// trustGood is how long a token that was in order may pass while nobody can be asked.
	trustGood = 30 * time.Second
	// keepBad outlasts the usual access token; after it, whoever is to be asked is asked again.
	keepBad     = time.Hour
	recallLimit = 50_000 // tokens, about 200 bytes each
)

// Recall decides what happens when the shared cache is down. While it answers, it decides. When it does not, in this order:
//
//  1. a token that this process knows to be revoked stays revoked;
//  2. the second source decides, if there is one and it answers;
//  3. a token that either of them found in order less than 30 s ago passes;
//  4. everything else is refused with ErrUnavailable: a token is never taken for good because nobody could be asked.
//
// It is safe for concurrent use, and what it remembers is bounded.
type Recall struct {
	first  Revocations
	second Revocations // may be nil
	known  *memory.Cache
	now    func() time.Time
	resume atomic.Int64 // Unix nanoseconds; first is not asked again before
}

var _ Revocations = (*Recall)(nil)

// NewRecall asks first, and second, which may be nil, while first fails.
func NewRecall(first, second Revocations, now func() time.Time) *Recall {
	return &Recall{first: first, second: second, known: memory.NewLimited(now, recallLimit), now: now}
}

const (
	good = "good"
	bad  = "bad"
)

// IsRevoked implements Revocations.
func (r *Recall) IsRevoked(ctx context.Context, p Principal, issuedAt time.Time) (bool, error) {
	known, _, _ := r.known.Get(ctx, p.TokenID) // memory does not fail
	if string(known) == bad {
		return true, nil
	}
	revoked, err := r.ask(ctx, p, issuedAt)
	if err != nil {
		if string(known) == good {
			return false, nil
		}
		return false, err
	}
	word, ttl := good, trustGood
	if revoked {
		word, ttl = bad, keepBad
	}
	return revoked, r.known.Set(ctx, p.TokenID, []byte(word), ttl)
}

func (r *Recall) ask(ctx context.Context, p Principal, issuedAt time.Time) (bool, error) {
	revoked, err := r.askFirst(ctx, p, issuedAt)
	if err == nil || r.second == nil {
		return revoked, err
	}
	revoked, secondErr := r.second.IsRevoked(ctx, p, issuedAt)
	if secondErr != nil {
		return false, fmt.Errorf("%w; second source: %w", err, secondErr)
	}
	return revoked, nil
}

// askFirst leaves a source that failed alone for a moment, so that a slow one does not slow every request.
func (r *Recall) askFirst(ctx context.Context, p Principal, issuedAt time.Time) (bool, error) {
	if r.now().UnixNano() < r.resume.Load() {
		return false, fmt.Errorf("revocations did not answer less than %s ago", askPause)
	}
	asking, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	revoked, err := r.first.IsRevoked(asking, p, issuedAt)
	if err != nil && ctx.Err() == nil {
		r.resume.Store(r.now().Add(askPause).UnixNano())
	}
	return revoked, err
}
