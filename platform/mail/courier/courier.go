// Package courier empties an outbox of mails: it takes what is due, has it written, sends it, and comes back to what could
// not be sent, later each time. A mail is sent once, unless the process dies between the server's yes and the note of it;
// then it goes out again under the same Message-ID. What a mail says is its owner's business.
package courier

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/fiapx/fiapx/platform/database/outbox"
	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/run"
)

// ErrObsolete is what Write returns when there is nothing to send any more: the recipient is gone or does not want it.
var ErrObsolete = errors.New("there is nothing to send any more")

// Outbox is where the mails wait; outbox.Table is one. Safe for concurrent use.
type Outbox interface {
	Claim(ctx context.Context, now time.Time, lease time.Duration) (outbox.Item, bool, error)
	Settle(ctx context.Context, item outbox.Item, o outbox.Outcome) (held bool, err error)
}

// Courier serves one outbox. Several may serve the same one.
type Courier struct {
	Name   string // of the service, for logs
	Outbox Outbox
	Sender mail.Sender
	// Write makes the mail of a row, or returns ErrObsolete. Any other error counts as a failed attempt. Called again for each
	// attempt, it must give the same id each time.
	Write    func(ctx context.Context, id string) (mail.Message, error)
	Attempts int           // after which a mail is given up
	Retry    time.Duration // the wait after the first failed attempt; doubles up to an hour
	Every    time.Duration // how often to look for what is due; zero is five seconds
	Now      func() time.Time
	Log      *slog.Logger

	bell chan struct{}
}

const (
	every   = 5 * time.Second
	longest = time.Hour
	// lease outlasts any attempt (mail.MaxTimeout) by far more than clocks differ.
	lease = 10 * time.Minute
	// linger is what a mail that is under way gets when the process stops.
	linger = 5 * time.Second
	grace  = 2 * linger
)

// New returns a courier that can be rung for.
func New(c Courier) *Courier {
	c.bell = make(chan struct{}, 1)
	if c.Every == 0 {
		c.Every = every
	}
	return &c
}

// Ring says that there is a new mail. It never blocks.
func (c *Courier) Ring() {
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

// Service delivers until it is stopped.
func (c *Courier) Service() run.Service {
	return run.Service{Name: c.Name, Run: c.run, Grace: grace}
}

func (c *Courier) run(ctx context.Context) error {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for {
		err := c.Deliver(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.WarnContext(ctx, "mails wait", "service", c.Name, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-c.unless(err != nil):
		}
	}
}

// unless does not hear the bell while nothing can be sent: new mails must not hurry the attempts on a server that is away.
func (c *Courier) unless(away bool) <-chan struct{} {
	if away {
		return nil
	}
	return c.bell
}

// Deliver sends everything that is due. It returns early, with an error, when the mail server or the database is away.
func (c *Courier) Deliver(ctx context.Context) error {
	for ctx.Err() == nil {
		item, ok, err := c.Outbox.Claim(ctx, c.Now(), lease)
		if err != nil || !ok {
			return err
		}
		if err := c.deliver(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

// deliver finishes what it has begun even if the process is stopping: an attempt that was cut short after the server's yes
// would be repeated.
func (c *Courier) deliver(ctx context.Context, item outbox.Item) error {
	lasting, cancel := outlast(ctx, linger)
	defer cancel()
	err := c.attempt(lasting, item)
	outcome := c.judge(item, err)
	if settled := c.settle(lasting, item, outcome); settled != nil {
		return settled
	}
	c.report(ctx, item, outcome.State, err)
	if errors.Is(err, mail.ErrUnavailable) {
		return err
	}
	return nil
}

func (c *Courier) attempt(ctx context.Context, item outbox.Item) error {
	message, err := c.Write(ctx, item.ID)
	if err != nil {
		return err
	}
	return c.Sender.Send(ctx, message)
}

func (c *Courier) judge(item outbox.Item, err error) outbox.Outcome {
	o := outbox.Outcome{At: c.Now(), Reason: reason(err)}
	switch {
	case err == nil:
		o.State = outbox.Sent
	case errors.Is(err, ErrObsolete):
		o.State = outbox.Dropped
	case errors.Is(err, mail.ErrRefused) || item.Attempts >= c.Attempts:
		o.State = outbox.Failed
	default:
		o.State, o.NextAt = outbox.Waiting, c.Now().Add(c.backoff(item.Attempts))
	}
	return o
}

// backoff is half fixed and half chance, so that mails that failed together do not come back together.
func (c *Courier) backoff(attempts int) time.Duration {
	const doublings = 20
	wait := min(c.Retry<<min(attempts-1, doublings), longest)
	if wait <= 0 { // shifted out
		wait = longest
	}
	return wait/2 + rand.N(wait/2+1)
}

const maxReason = 200

func reason(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	return text[:min(len(text), maxReason)]
}

func (c *Courier) report(ctx context.Context, item outbox.Item, became outbox.State, err error) {
	facts := []any{"service", c.Name, "mail_id", item.ID, "attempt", item.Attempts}
	switch became {
	case outbox.Sent:
		c.Log.InfoContext(ctx, "mail sent", facts...)
	case outbox.Dropped:
		c.Log.InfoContext(ctx, "mail not needed any more", facts...)
	case outbox.Failed:
		c.Log.ErrorContext(ctx, "mail given up", append(facts, "err", err)...)
	case outbox.Waiting:
		c.Log.WarnContext(ctx, "mail put off", append(facts, "err", err)...)
	}
}

const settleTries = 6

// settle tries for a few seconds: a database that restarts at this moment must not cost the reader a second copy.
func (c *Courier) settle(ctx context.Context, item outbox.Item, o outbox.Outcome) error {
	wait := 100 * time.Millisecond
	for try := 1; ; try++ {
		held, err := c.Outbox.Settle(ctx, item, o)
		if err == nil && !held {
			c.Log.WarnContext(ctx, "mail was held too long, another process has it too", "service", c.Name, "mail_id", item.ID)
		}
		if err == nil || try == settleTries {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
		wait *= 2
	}
}

// outlast is ctx, some time longer. The timer's firing late harms nobody: the context has been cancelled by then.
func outlast(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return lasting, func() { stop(); cancel() }
}
