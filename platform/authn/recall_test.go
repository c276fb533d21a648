package authn_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiapx/fiapx/platform/authn"
)

// source is a Revocations in the test's hands.
type source struct {
	revoked bool
	err     error
	slow    time.Duration
	asked   int
}

func (s *source) IsRevoked(ctx context.Context, _ authn.Principal, _ time.Time) (bool, error) {
	s.asked++
	if s.slow > 0 {
		select {
		case <-time.After(s.slow):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return s.revoked, s.err
}

var errSilent = errors.New("down")

// The rules of docs/security.md, "When Redis is down", line by line.
func TestWhenTheCacheIsDown(t *testing.T) {
	t.Parallel()
	const refused, passes, unknown = "refused", "passes", "unknown"
	for name, c := range map[string]struct {
		known  string // what the process learned while the cache was up
		second *source
		after  time.Duration
		want   string
	}{
		"never seen":                          {"", nil, 0, unknown},
		"good a moment ago":                   {passes, nil, 29 * time.Second, passes},
		"good too long ago":                   {passes, nil, 30 * time.Second, unknown},
		"known to be revoked":                 {refused, nil, 0, refused},
		"known to be revoked, long ago":       {refused, nil, 59 * time.Minute, refused},
		"never seen, second says good":        {"", &source{}, 0, passes},
		"never seen, second says revoked":     {"", &source{revoked: true}, 0, refused},
		"good a moment ago, second says no":   {passes, &source{revoked: true}, time.Second, refused},
		"good long ago, second says good":     {passes, &source{}, time.Hour, passes},
		"revoked, whatever second says":       {refused, &source{}, time.Minute, refused},
		"never seen, both down":               {"", &source{err: errSilent}, 0, unknown},
		"good a moment ago, both down":        {passes, &source{err: errSilent}, 29 * time.Second, passes},
		"good too long ago, both down":        {passes, &source{err: errSilent}, 31 * time.Second, unknown},
		"known to be revoked, both down":      {refused, &source{err: errSilent}, 20 * time.Minute, refused},
		"good a moment ago, no second source": {passes, nil, 0, passes},
	} {
		now := noon
		first := &source{revoked: c.known == refused}
		var second authn.Revocations
		if c.second != nil {
			second = c.second
		}
		r := authn.NewRecall(first, second, func() time.Time { return now })
		if c.known != "" {
			_, err := r.IsRevoked(t.Context(), principal, noon)
			must(t, err)
		}
		first.revoked, first.err = false, errSilent
		now = now.Add(c.after)
		is, err := r.IsRevoked(t.Context(), principal, noon)
		got := map[bool]string{true: refused, false: passes}[is]
		if err != nil {
			got = unknown
		}
		if got != c.want {
			t.Errorf("%s: %s (%v); want %s", name, got, err, c.want)
		}
	}
}

func TestCacheThatIsUpDecides(t *testing.T) {
	t.Parallel()
	first, second := &source{}, &source{revoked: true}
	r := authn.NewRecall(first, second, func() time.Time { return noon })
	for range 3 { // being good is asked every time: it may end at any moment
		if is, err := r.IsRevoked(t.Context(), principal, noon); is || err != nil {
			t.Errorf("IsRevoked = %v, %v", is, err)
		}
	}
	if first.asked != 3 || second.asked != 0 {
		t.Errorf("asked %d and %d times; want 3 and 0", first.asked, second.asked)
	}
}

func TestSlowCacheSlowsOneRequestASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &source{slow: 5 * time.Second}
		r := authn.NewRecall(first, &source{}, time.Now)
		start := time.Now()
		for i := range 100 {
			p := authn.Principal{UserID: "u", SessionID: "s", TokenID: strconv.Itoa(i)}
			if is, err := r.IsRevoked(t.Context(), p, noon); is || err != nil {
				t.Fatalf("IsRevoked = %v, %v", is, err)
			}
		}
		if took := time.Since(start); took > 250*time.Millisecond || first.asked != 1 {
			t.Errorf("100 checks took %s and %d questions", took, first.asked)
		}
		first.slow = 0
		<-time.After(time.Second)
		if _, err := r.IsRevoked(t.Context(), principal, noon); err != nil || first.asked != 2 {
			t.Errorf("after a second: asked %d times, %v", first.asked, err)
		}
	})
}

// A client that hangs up says nothing about the cache.
func TestClientThatLeavesDoesNotSilenceTheCache(t *testing.T) {
	t.Parallel()
	first := &source{slow: time.Hour}
	r := authn.NewRecall(first, nil, func() time.Time { return noon })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.IsRevoked(ctx, principal, noon); err == nil {
		t.Error("no answer passes for one")
	}
	first.slow = 0
	if _, err := r.IsRevoked(t.Context(), principal, noon); err != nil || first.asked != 2 {
		t.Errorf("IsRevoked = %v after %d questions", err, first.asked)
	}
}

// Strangers' good tokens must not push out what is known to be revoked.
func TestWhatIsRevokedIsKeptLongest(t *testing.T) {
	t.Parallel()
	first := &source{revoked: true}
	r := authn.NewRecall(first, nil, func() time.Time { return noon })
	_, err := r.IsRevoked(t.Context(), principal, noon)
	must(t, err)
	first.revoked = false
	for i := range 60_000 {
		_, err := r.IsRevoked(t.Context(), authn.Principal{TokenID: fmt.Sprint("t", i)}, noon)
		must(t, err)
	}
	first.err = errSilent
	if is, err := r.IsRevoked(t.Context(), principal, noon); !is || err != nil {
		t.Errorf("IsRevoked = %v, %v", is, err)
	}
}
