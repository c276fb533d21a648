package usecase

import (
	"context"
	"errors"
	"log/slog"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

// entry begins an entry of the audit log; what it is about is added to it.
func (b Basis) entry(action domain.Action, from domain.Origin) domain.Entry {
	return domain.Entry{At: b.now(), Action: action, Outcome: domain.Done, From: from}
}

// Recorder writes an entry by itself, for what changes nothing else. All other entries are written with the change that they
// tell of, in one transaction.
type Recorder interface {
	Record(ctx context.Context, e domain.Entry) error
}

// Audit writes down what was refused.
type Audit struct {
	Log      *slog.Logger
	Recorder Recorder
	// Rarely is true once a minute for a key: a client that goes on after it was told to wait must not fill the log.
	Rarely func(ctx context.Context, key string) bool
}

// refused records that err kept somebody from something, and returns err. Failures of ours are no refusals. An entry that
// cannot be written does not change the answer.
func (a Audit) refused(ctx context.Context, e domain.Entry, err error) error {
	f := fault.From(err)
	switch {
	case errors.Is(err, domain.ErrTooManyAttempts):
		if !a.Rarely(ctx, string(e.Action)+" "+e.Subject+" "+e.From.Key()) {
			return err
		}
		e = e.Because(domain.Throttled, "")
	case f.Kind == fault.Internal || f.Kind == fault.Unavailable:
		return err
	default:
		e = e.Because(domain.Refused, f.Code)
	}
	if failed := a.Recorder.Record(ctx, e); failed != nil {
		a.Log.ErrorContext(ctx, "refusal not written to the audit log", "action", string(e.Action), "user_id", e.Subject, "err", failed)
	}
	return err
}

// TrailReader reads the audit log, newest first.
type TrailReader interface {
	Trail(ctx context.Context, t domain.Trail) ([]domain.Entry, error)
}

// Activity shows users what happened to their accounts.
type Activity struct {
	Basis
	Users    UserReader
	Sessions SessionReader
	Log      TrailReader
}

// Show returns a page of the caller's own entries and the cursor of the next one, empty at the end.
func (uc Activity) Show(ctx context.Context, a domain.Actor, t domain.Trail) ([]domain.Entry, string, error) {
	if _, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now()); err != nil {
		return nil, "", err
	}
	return page(ctx, uc.Log, domain.Trail{Subject: a.UserID, Before: t.Before, Limit: t.Limit})
}

// page reads one entry more than asked for, to know whether there is a next page.
func page(ctx context.Context, log TrailReader, t domain.Trail) (entries []domain.Entry, next string, err error) {
	limit := t.Limit
	t.Limit++
	if entries, err = log.Trail(ctx, t); err != nil || len(entries) <= limit {
		return entries, "", err
	}
	entries = entries[:limit]
	return entries, entries[limit-1].Cursor(), nil
}
