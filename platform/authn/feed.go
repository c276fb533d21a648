package authn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	feedFresh = 2 * time.Second // after which one caller fetches while the others go on with what is there
	feedStale = 5 * time.Second // after which nobody does: the promise is that a revocation is seen within this time
	maxFeed   = 8 << 20         // bytes, some 200,000 sessions
	feedName  = "revoked-sessions.json"
)

// Feed is what an issuer publishes about sessions that ended before their access tokens: SessionDigest of each.
type Feed struct {
	Sessions []string `json:"sessions"`
}

// SessionDigest stands for a session in a feed, which anybody may read, without telling its id.
func SessionDigest(sessionID string) string {
	sum := sha256.Sum256([]byte("fiapx session\x00" + sessionID))
	return hex.EncodeToString(sum[:16])
}

// FeedRevocations asks the issuer over HTTP which sessions are revoked, all at once and at most every two seconds, however
// many tokens are verified. It serves where no cache is shared, and while the shared one is down. It fails when the issuer
// has not answered for five seconds. It is safe for concurrent use.
type FeedRevocations struct {
	issuer issuer
	now    func() time.Time
	log    *slog.Logger
	last   atomic.Pointer[snapshot]

	gate  chan struct{} // held by whoever fetches; guards the fields below
	tried time.Time
	err   error // of the last try
}

type snapshot struct {
	revoked map[string]struct{}
	at      time.Time // before the question was sent
}

var _ Revocations = (*FeedRevocations)(nil)

// NewFeedRevocations reads the feed that lies beside the issuer's key set at jwksURL. It fetches nothing yet.
func NewFeedRevocations(jwksURL string, client *http.Client, now func() time.Time, log *slog.Logger) (*FeedRevocations, error) {
	i, err := newIssuer(jwksURL, client)
	if err != nil {
		return nil, err
	}
	return &FeedRevocations{issuer: i, now: now, log: log, gate: make(chan struct{}, 1)}, nil
}

// IsRevoked implements Revocations by the session alone, which is what the issuer ends.
func (f *FeedRevocations) IsRevoked(ctx context.Context, p Principal, _ time.Time) (bool, error) {
	s, err := f.current(ctx)
	if err != nil {
		return false, err
	}
	_, revoked := s.revoked[SessionDigest(p.SessionID)]
	return revoked, nil
}

// current is a snapshot that is not stale.
func (f *FeedRevocations) current(ctx context.Context) (*snapshot, error) {
	s := f.last.Load()
	if f.age(s) < feedFresh {
		return s, nil
	}
	if f.age(s) < feedStale {
		select {
		case f.gate <- struct{}{}:
		default:
			return s, nil // somebody is at it
		}
	} else {
		select {
		case f.gate <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { <-f.gate }()
	f.renew(ctx)
	if s = f.last.Load(); f.age(s) < feedStale {
		return s, nil
	}
	return nil, fmt.Errorf("revoked sessions not known: %w", f.err)
}

func (f *FeedRevocations) age(s *snapshot) time.Duration {
	if s == nil {
		return feedStale
	}
	return f.now().Sub(s.at)
}

// renew is for the holder of the gate. It asks again a second after a failure at the earliest.
func (f *FeedRevocations) renew(ctx context.Context) {
	if f.age(f.last.Load()) < feedFresh || f.err != nil && f.now().Sub(f.tried) < retryGap {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), feedFresh)
	defer cancel()
	at := f.now()
	f.tried = at
	revoked, err := f.fetch(ctx)
	if err != nil {
		f.log.WarnContext(ctx, "revoked sessions not fetched", "url", f.issuer.at(feedName), "err", err)
	} else {
		f.last.Store(&snapshot{revoked: revoked, at: at})
	}
	f.err = err
}

func (f *FeedRevocations) fetch(ctx context.Context) (map[string]struct{}, error) {
	data, err := f.issuer.get(ctx, feedName, maxFeed)
	if err != nil {
		return nil, err
	}
	return readFeed(data)
}

func readFeed(data []byte) (map[string]struct{}, error) {
	var feed Feed
	if err := json.Unmarshal(data, &feed); err != nil {
		return nil, fmt.Errorf("parse revoked sessions: %w", err)
	}
	if feed.Sessions == nil { // {} is somebody else's answer, not an empty list
		return nil, errors.New("the answer is not a list of revoked sessions")
	}
	revoked := make(map[string]struct{}, len(feed.Sessions))
	for _, digest := range feed.Sessions {
		revoked[digest] = struct{}{}
	}
	return revoked, nil
}
