// Package throttle counts attempts in the shared cache so that guessing is slow for a guesser and hardly felt by anybody
// else. An account is never locked: one client is stopped after a few wrong guesses, and an account under attack from
// many is slowed down for clients that never signed in to it before.
package throttle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strconv"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/cache"
)

// Limit is how many attempts fit into a window.
type Limit struct {
	Count  int64
	Window time.Duration
}

// Limits are the figures.
type Limits struct {
	Pair           Limit // attempts of one client on one account since the last success; then refused until the window ends
	Account        Limit // wrong guesses on an account by anybody; then each further one doubles the delay before the next
	ClientFailures Limit // wrong guesses of one client on any account; then refused until the window ends
	ClientAttempts Limit // attempts of one client; a ceiling that holds even when they all come at the same moment
	Register       Limit // registrations by one client
	TokenCalls     Limit // refresh and validate calls of one client
	MailRequests   Limit // links that one client asks for
	Mails          Limit // links sent to one account, whoever asks
}

const (
	firstDelay = time.Second
	maxDelay   = 15 * time.Minute
	// knownFor is how long a client that signed in to an account is exempt from that account's delay, so that a stranger's
	// guessing cannot keep the owner out.
	knownFor = 30 * 24 * time.Hour
)

// Guard implements the use cases' port. Safe for concurrent use.
type Guard struct {
	cache  cache.Cache
	limits Limits
	now    func() time.Time
}

// New returns a guard that counts in shared, and in local while shared fails: less exact, but never without a limit.
func New(shared, local cache.Cache, limits Limits, now func() time.Time, log *slog.Logger) *Guard {
	return &Guard{cache: &failover{shared: shared, local: local, log: log}, limits: limits, now: now}
}

// AllowClient checks what a client may still do before it is known whose account it is after.
func (g *Guard) AllowClient(ctx context.Context, client string) error {
	if err := g.blocked(ctx, key("client-wait", client)); err != nil {
		return err
	}
	return g.count(ctx, g.limits.ClientAttempts, key("client", client))
}

// AllowLogin counts the attempt before it is made: parallel attempts must not all pass a check that none has failed yet.
func (g *Guard) AllowLogin(ctx context.Context, account, client string) error {
	if !g.Known(ctx, account, client) {
		if err := g.blocked(ctx, key("account-wait", account)); err != nil {
			return err
		}
	}
	return g.count(ctx, g.limits.Pair, key("pair", account, client))
}

// LoginFailed records a wrong guess.
func (g *Guard) LoginFailed(ctx context.Context, account, client string) {
	if n, left := g.add(ctx, g.limits.ClientFailures, key("client-failures", client)); n >= g.limits.ClientFailures.Count {
		g.block(ctx, key("client-wait", client), left)
	}
	if n, _ := g.add(ctx, g.limits.Account, key("account", account)); n >= g.limits.Account.Count {
		g.block(ctx, key("account-wait", account), delay(n-g.limits.Account.Count))
	}
}

// LoginSucceeded forgets the wrong guesses of this client on this account and remembers the client. What other clients did
// to the account is not forgotten.
func (g *Guard) LoginSucceeded(ctx context.Context, account, client string) {
	g.forget(ctx, key("pair", account, client))
	_ = g.cache.Set(ctx, key("known", account, client), []byte{1}, knownFor)
}

// AllowRegister counts per client, and per client and address registered.
func (g *Guard) AllowRegister(ctx context.Context, account, client string) error {
	if err := g.count(ctx, g.limits.Register, key("register", client)); err != nil {
		return err
	}
	return g.count(ctx, g.limits.Pair, key("register-pair", account, client))
}

// AllowPasswordChange counts guesses of the current password.
func (g *Guard) AllowPasswordChange(ctx context.Context, userID string) error {
	return g.count(ctx, g.limits.Pair, key("password", userID))
}

// PasswordChanged forgets them.
func (g *Guard) PasswordChanged(ctx context.Context, userID string) {
	g.forget(ctx, key("password", userID))
}

// AllowTokenCall bounds what a client may ask about tokens.
func (g *Guard) AllowTokenCall(ctx context.Context, client string) error {
	return g.count(ctx, g.limits.TokenCalls, key("token", client))
}

// delay doubles with every wrong guess beyond the limit.
func delay(beyond int64) time.Duration {
	const doublings = 10 // 1024 s is past maxDelay
	return min(firstDelay<<min(beyond, doublings), maxDelay)
}

func (g *Guard) count(ctx context.Context, l Limit, k string) error {
	n, left := g.add(ctx, l, k)
	if n > l.Count {
		return domain.ErrTooManyAttempts.After(left)
	}
	return nil
}

// add cannot fail: the failover counts locally, and memory does not break.
func (g *Guard) add(ctx context.Context, l Limit, k string) (n int64, left time.Duration) {
	n, left, _ = g.cache.Increment(ctx, k, l.Window)
	return n, left
}

// block keeps the moment until which a key is refused, so that the refusal can say how long to wait.
func (g *Guard) block(ctx context.Context, k string, d time.Duration) {
	if d <= 0 {
		return
	}
	until := strconv.FormatInt(g.now().Add(d).UnixMicro(), 10)
	_ = g.cache.Set(ctx, k, []byte(until), d)
}

func (g *Guard) blocked(ctx context.Context, k string) error {
	value, ok, _ := g.cache.Get(ctx, k)
	if !ok {
		return nil
	}
	until, err := strconv.ParseInt(string(value), 10, 64)
	if left := time.UnixMicro(until).Sub(g.now()); err == nil && left > 0 {
		return domain.ErrTooManyAttempts.After(left)
	}
	return nil
}

// Known says whether the client signed in to the account within the last 30 days.
func (g *Guard) Known(ctx context.Context, account, client string) bool {
	_, ok, _ := g.cache.Get(ctx, key("known", account, client))
	return ok
}

func (g *Guard) forget(ctx context.Context, k string) { _ = g.cache.Delete(ctx, k) }

// key hides who it is about: accounts and addresses do not belong into a cache that others can list.
func key(kind string, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return "auth:" + kind + ":" + hex.EncodeToString(h.Sum(nil)[:16])
}
