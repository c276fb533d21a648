package authn

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/run"
)

const (
	// KeysKept is how long a new key may stay unseen; the issuer publishes a key for longer than this before it signs.
	KeysKept = 5 * time.Minute
	// refreshGap bounds what made-up key ids can cost the issuer: one fetch in this time.
	refreshGap = 10 * time.Second
	// retryGap is the same while the issuer does not answer, when everybody waits for it.
	retryGap     = time.Second
	fetchTimeout = 5 * time.Second
	maxKeySet    = 64 << 10 // bytes; a key has about 200
)

// RemoteKeys is the key set that an issuer publishes at an address. Once fetched it is kept, also while the issuer is
// away. jwx's own cache is not used because its readers wait for a fetch under way, so that a slow issuer would hold up
// every request; here only tokens with an unknown key id wait. It is safe for concurrent use.
type RemoteKeys struct {
	issuer issuer
	log    *slog.Logger
	known  atomic.Pointer[map[string]jwk.Key]

	gate   chan struct{} // held by whoever fetches; guards the fields below
	tried  time.Time
	failed error // of the last try
}

var _ finder = (*RemoteKeys)(nil)

// NewRemoteKeys prepares to fetch from address, an http or https URL, and fetches nothing yet. client says how; redirects
// are not followed, whatever it thinks of them.
func NewRemoteKeys(address string, client *http.Client, log *slog.Logger) (*RemoteKeys, error) {
	i, err := newIssuer(address, client)
	if err != nil {
		return nil, err
	}
	return &RemoteKeys{issuer: i, log: log, gate: make(chan struct{}, 1)}, nil
}

// Service keeps the set current in the background.
func (k *RemoteKeys) Service() run.Service {
	return run.Service{Name: "signing keys", Run: k.keepCurrent, Grace: fetchTimeout + time.Second}
}

func (k *RemoteKeys) keepCurrent(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		next := KeysKept
		k.gate <- struct{}{}
		if k.refresh(ctx); k.failed != nil {
			next = refreshGap
		}
		<-k.gate
		timer.Reset(next)
	}
}

// Ready says whether tokens can be checked at all; it asks the issuer if nobody has yet.
func (k *RemoteKeys) Ready(ctx context.Context) error {
	if k.known.Load() != nil {
		return nil
	}
	_, err := k.Find(ctx, "")
	if k.known.Load() != nil {
		return nil
	}
	return err
}

// LookupKeyID finds a key among those that were fetched.
func (k *RemoteKeys) LookupKeyID(kid string) (jwk.Key, bool) {
	known := k.known.Load()
	if known == nil {
		return nil, false
	}
	key, ok := (*known)[kid]
	return key, ok
}

// Find is LookupKeyID, but asks the issuer about an unknown id, at most once in a while.
func (k *RemoteKeys) Find(ctx context.Context, kid string) (jwk.Key, error) {
	if key, ok := k.LookupKeyID(kid); ok {
		return key, nil
	}
	select {
	case k.gate <- struct{}{}:
		defer func() { <-k.gate }()
	case <-ctx.Done():
		return nil, ErrUnavailable.Because(ctx.Err())
	}
	if _, ok := k.LookupKeyID(kid); !ok && k.due() {
		k.refresh(ctx)
	}
	if key, ok := k.LookupKeyID(kid); ok {
		return key, nil
	}
	if k.failed != nil {
		return nil, ErrUnavailable.Because(k.failed)
	}
	return nil, ErrInvalid.Because(errUnknownKey)
}

// due and refresh are for the holder of the gate.
func (k *RemoteKeys) due() bool {
	gap := refreshGap
	if k.failed != nil {
		gap = retryGap
	}
	return k.tried.IsZero() || time.Since(k.tried) >= gap
}

func (k *RemoteKeys) refresh(ctx context.Context) {
	// Others wait for this fetch too, so it must not end because one client hangs up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	k.tried = time.Now()
	keys, err := k.fetch(ctx)
	if err != nil {
		k.log.WarnContext(ctx, "signing keys not fetched", "url", k.issuer.at(""), "err", err)
	} else {
		k.known.Store(&keys)
	}
	k.failed = err
}

func (k *RemoteKeys) fetch(ctx context.Context) (map[string]jwk.Key, error) {
	data, err := k.issuer.get(ctx, "", maxKeySet)
	if err != nil {
		return nil, err
	}
	return parseKeys(data)
}

// parseKeys keeps the keys that a token of ours may be signed with. An issuer that publishes none is broken, and the set
// from before is better.
func parseKeys(data []byte) (map[string]jwk.Key, error) {
	set, err := jwk.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("parse key set: %w", err)
	}
	keys := map[string]jwk.Key{}
	for i := range set.Len() {
		key, _ := set.Key(i)
		if _, err := algorithmOf(key); err != nil || !plainKeyID(key.KeyID()) {
			continue
		}
		keys[key.KeyID()] = key
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("key set has no EdDSA or ES256 key among its %d", set.Len())
	}
	return keys, nil
}
