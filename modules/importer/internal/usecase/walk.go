package usecase

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/fiapx/fiapx/modules/importer/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

// owner is what a job needs to know of an account that comes.
type owner struct{ email, name string }

// walk is one way through all rows of the original.
type walk struct {
	Import
	applying   bool
	addAccount func(context.Context, domain.Account) (domain.Fate, error)
	addJob     func(context.Context, domain.Arrival) (domain.Fate, error)

	emails, usernames map[string]int   // how many rows have them when case is ignored
	owners            map[string]owner // by id; those that come or are here
	seen              domain.Progress
	report            domain.Report
}

func (w *walk) run(ctx context.Context) (domain.Report, error) {
	w.seen.Applying = w.applying
	for _, step := range []func(context.Context) error{w.compare, w.accounts, w.jobs} {
		if err := step(ctx); err != nil {
			return w.report, err
		}
	}
	return w.report, nil
}

// compare counts names that are one when case is ignored, as it is here and was not there.
func (w *walk) compare(ctx context.Context) error {
	return w.Origin.Accounts(ctx, func(a domain.Account) error {
		w.emails[fold(a.Email)]++
		w.usernames[fold(a.Username)]++
		return nil
	})
}

func (w *walk) accounts(ctx context.Context) error {
	return w.Origin.Accounts(ctx, func(a domain.Account) error {
		w.report.Accounts.Found++
		w.seen.Accounts++
		w.Tell(w.seen)
		fate, err := domain.Fate{}, w.collision(a)
		if err == nil {
			fate, err = w.addAccount(ctx, a)
		}
		if reason := refusal(err); reason != nil {
			w.report.Accounts.Refused++
			w.find("users", a.ID, *reason, true)
			return nil
		}
		if err != nil {
			return err
		}
		w.owners[fold(a.ID)] = owner{email: fold(a.Email), name: strings.TrimSpace(a.FirstName + " " + a.LastName)}
		count(&w.report.Accounts, fate)
		return nil
	})
}

var (
	errEmails    = fault.New(fault.Conflict, "importer.email_twice", "Another account of the original has the same e-mail address in other letter case; here they would be one, so neither comes.")
	errUsernames = fault.New(fault.Conflict, "importer.username_twice", "Another account of the original has the same username in other letter case; here they would be one, so neither comes.")
	errOwner     = fault.New(fault.NotFound, "importer.no_owner", "Its owner is no account of the original, or is refused.")
)

func (w *walk) collision(a domain.Account) error {
	switch {
	case w.emails[fold(a.Email)] > 1:
		return errEmails
	case w.usernames[fold(a.Username)] > 1:
		return errUsernames
	}
	return nil
}

func (w *walk) jobs(ctx context.Context) error {
	return w.Origin.Jobs(ctx, func(j domain.Job) error {
		w.report.Jobs.Found++
		w.seen.Jobs++
		w.Tell(w.seen)
		arrival, notes, err := w.arrive(j)
		var fate domain.Fate
		if err == nil {
			fate, err = w.addJob(ctx, arrival)
		}
		if reason := refusal(err); reason != nil {
			w.report.Jobs.Refused++
			w.find("video_jobs", j.ID, *reason, true)
			return nil
		}
		if err != nil {
			return err
		}
		w.note(arrival, fate, notes)
		return nil
	})
}

// arrive looks for the owner and the files of a job.
func (w *walk) arrive(j domain.Job) (domain.Arrival, []domain.Note, error) {
	who, ok := w.owners[fold(j.UserID)]
	if !ok {
		return domain.Arrival{}, nil, errOwner
	}
	a := domain.Arrival{Job: j, Email: who.email, Name: who.name}
	var notes []domain.Note
	if a.Metadata, ok = domain.ParseMetadata(j.Metadata); !ok || j.MetadataSize > domain.MaxMetadata {
		notes = append(notes, domain.Note{Code: "importer.metadata", Message: "Its job_metadata is too large or no JSON object, so what it says is left behind."})
	}
	var note *domain.Note
	if a.Video, note = w.Files.Find(domain.Videos, fold(j.UserID), j.FilePath, &j.FileSize); note != nil {
		notes = append(notes, *note)
	}
	if fold(j.Status) != "completed" {
		return a, notes, nil
	}
	if a.Archive, note = w.Files.Find(domain.Results, fold(j.UserID), j.ZipPath, j.ZipSize); note != nil {
		notes = append(notes, *note)
	}
	return a, notes, nil
}

func (w *walk) note(a domain.Arrival, fate domain.Fate, notes []domain.Note) {
	count(&w.report.Jobs, fate)
	if fate.Known && !fate.Later {
		return // nothing of it moves, so nothing is amiss
	}
	for _, n := range append(notes, fate.Notes...) {
		w.find("video_jobs", a.Job.ID, n, false)
	}
	tally(&w.report.Videos, a.Video)
	if fold(a.Job.Status) == "completed" {
		tally(&w.report.Archives, a.Archive)
	}
	if fate.Later {
		return
	}
	w.report.Statuses[fate.Status]++
	if fate.Status != "pending" && ended(a.Job).Before(w.Expired) {
		w.report.Expiring++
	}
}

func (w *walk) find(table, id string, n domain.Note, refused bool) {
	w.report.Findings = append(w.report.Findings, domain.Finding{Table: table, ID: id, Code: n.Code, Message: n.Message, Refused: refused})
}

// refusal is the reason why one row cannot come; nil for no error and for one that is not about a row.
func refusal(err error) *domain.Note {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Unavailable || f.Kind == fault.Internal {
		return nil
	}
	return &domain.Note{Code: f.Code, Message: f.Message}
}

func count(c *domain.Count, f domain.Fate) {
	switch {
	case f.Later:
		c.Later++
	case f.Known:
		c.Known++
	default:
		c.New++
	}
}

func tally(c *domain.FileCount, f *domain.File) {
	if f == nil {
		c.Missing++
		return
	}
	c.Found++
	c.Bytes += f.Size
}

func ended(j domain.Job) time.Time {
	for _, t := range []*time.Time{j.EndedAt, j.UpdatedAt, j.CreatedAt} {
		if t != nil {
			return *t
		}
	}
	return time.Time{}
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
