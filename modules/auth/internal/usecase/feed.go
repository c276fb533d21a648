package usecase

import (
	"context"
	"sync"
	"time"
)

// RevokedLister finds what verifiers must be told.
type RevokedLister interface {
	// RevokedSince returns the ids of sessions revoked at or after the given time.
	RevokedSince(ctx context.Context, since time.Time) ([]string, error)
}

// feedKept spares the database: anybody may ask for the feed.
const feedKept = time.Second

// Feed tells which sessions ended before their access tokens, for verifiers without a shared cache.
type Feed struct {
	Basis
	Sessions RevokedLister
	// Longest is the lifetime of the longest access token: what ended before it needs no mention.
	Longest time.Duration

	mu   sync.Mutex // also held while asking, so that many askers cost one query
	at   time.Time
	list []string
}

// Revoked returns session ids as of at most a second ago. Callers must not change the list. Safe for concurrent use.
func (uc *Feed) Revoked(ctx context.Context) ([]string, error) {
	uc.mu.Lock()
	defer uc.mu.Unlock()
	now := uc.now()
	if age := now.Sub(uc.at); age >= 0 && age < feedKept {
		return uc.list, nil
	}
	ids, err := uc.Sessions.RevokedSince(ctx, now.Add(-uc.Longest-announceLap))
	if err != nil {
		return nil, err
	}
	uc.at, uc.list = now, ids
	return ids, nil
}
