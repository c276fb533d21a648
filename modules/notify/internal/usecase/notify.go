// Package usecase holds what notify does: enlist an end for a mail, find ends that nobody announced, and put together what
// a mail says at the moment it is sent.
package usecase

import (
	"context"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/notify/internal/domain"
)

// Book holds the deliveries. Safe for concurrent use.
type Book interface {
	// Enlist stores what is not there yet and tells how many that was.
	Enlist(ctx context.Context, deliveries ...domain.Delivery) (int, error)
	// UpTo is up to when the ends of jobs have been looked at; at first it is what start says.
	UpTo(ctx context.Context, start time.Time) (time.Time, error)
	// Advance moves that instant forward, never back.
	Advance(ctx context.Context, to time.Time) error
}

// Jobs knows the jobs. Safe for concurrent use.
type Jobs interface {
	// Notice describes a job as it stands; ok is false when it is gone.
	Notice(ctx context.Context, jobID string) (n domain.Notice, ok bool, err error)
	// Ended lists up to n jobs that ended after the instant and id, oldest first.
	Ended(ctx context.Context, after time.Time, id string, n int) ([]domain.Ended, error)
}

// Notify enlists ends.
type Notify struct {
	Book Book
	Jobs Jobs
	Ring func() // called when there is something new to send
	Now  func() time.Time
	Log  *slog.Logger

	Overlap  time.Duration // how far Sweep goes back behind what it has seen
	LookBack time.Duration // ends before that are not told any more
}

// Heard takes an announced end. Hearing of it again changes nothing.
func (uc *Notify) Heard(ctx context.Context, jobID string, kind domain.Kind) error {
	_, err := uc.enlist(ctx, domain.Delivery{JobID: jobID, Kind: kind, At: uc.Now()})
	return err
}

func (uc *Notify) enlist(ctx context.Context, deliveries ...domain.Delivery) (int, error) {
	n, err := uc.Book.Enlist(ctx, deliveries...)
	if n > 0 {
		uc.Ring()
	}
	return n, err
}

const page = 200

// Sweep finds ends that no event told of: the bus may lose events, and this process may have been away. Ends before the
// first sweep ever are old news.
func (uc *Notify) Sweep(ctx context.Context) error {
	now := uc.Now()
	upTo, err := uc.Book.UpTo(ctx, now)
	if err != nil {
		return err
	}
	after, id, missed := latest(upTo.Add(-uc.Overlap), now.Add(-uc.LookBack)), "", 0
	for {
		ended, err := uc.Jobs.Ended(ctx, after, id, page)
		if err != nil || len(ended) == 0 {
			uc.report(ctx, missed)
			return err
		}
		deliveries := make([]domain.Delivery, len(ended))
		for i, e := range ended {
			deliveries[i] = domain.Delivery{JobID: e.JobID, Kind: e.Kind, At: now}
		}
		n, err := uc.enlist(ctx, deliveries...)
		if err != nil {
			return err
		}
		last := ended[len(ended)-1]
		after, id, missed = last.At, last.JobID, missed+n
		if err := uc.Book.Advance(ctx, last.At); err != nil {
			return err
		}
	}
}

func (uc *Notify) report(ctx context.Context, missed int) {
	if missed > 0 {
		uc.Log.InfoContext(ctx, "ends of jobs found that no event told of", "jobs", missed)
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
