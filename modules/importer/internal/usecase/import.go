// Package usecase plans an import and carries it out: the plan is the same walk over the original's rows without the writing.
package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/importer/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

// Origin gives the rows of the original, ordered by id. The error of visit ends it.
type Origin interface {
	Accounts(ctx context.Context, visit func(domain.Account) error) error
	Jobs(ctx context.Context, visit func(domain.Job) error) error
}

// Accounts is where accounts go. A *fault.Error with a reason that lies in the row refuses that one row; every other error
// ends the import.
type Accounts interface {
	Check(ctx context.Context, a domain.Account) (domain.Fate, error)
	Add(ctx context.Context, a domain.Account) (domain.Fate, error)
}

// Jobs is where jobs go with their files; errors as for Accounts.
type Jobs interface {
	Check(ctx context.Context, a domain.Arrival) (domain.Fate, error)
	Add(ctx context.Context, a domain.Arrival) (domain.Fate, error)
}

// Files finds the files that rows name.
type Files interface {
	// Find returns the file of that kind and user which path names. size is what the row notes of it, nil when nothing. The
	// note says why there is none; without a folder of files both are nil.
	Find(kind domain.Kind, userID, path string, size *int64) (*domain.File, *domain.Note)
}

// Import moves an installation.
type Import struct {
	Origin   Origin
	Accounts Accounts
	Jobs     Jobs
	Files    Files
	Expired  time.Time             // jobs that ended before then are past the retention; zero is never
	Tell     func(domain.Progress) // called for every row
}

// ErrRefused says that rows cannot come, so that nothing was written.
var ErrRefused = fault.New(fault.Conflict, "importer.refused",
	"Some rows cannot come as they are, so nothing was written; correct them in the original, or leave them behind with --skip-refused.")

// Plan tells what Apply would do and writes nothing.
func (uc Import) Plan(ctx context.Context) (domain.Report, error) {
	w := uc.newWalk()
	w.addAccount, w.addJob = uc.Accounts.Check, uc.Jobs.Check
	return w.run(ctx)
}

// Apply takes everything in. It plans first, and when rows are refused it returns the plan and ErrRefused, unless they are
// to be skipped. A run after one that was interrupted goes on.
func (uc Import) Apply(ctx context.Context, skip bool) (domain.Report, error) {
	plan, err := uc.Plan(ctx)
	if err != nil {
		return plan, err
	}
	if plan.Refused() > 0 && !skip {
		return plan, ErrRefused
	}
	w := uc.newWalk()
	w.addAccount, w.addJob, w.applying = uc.Accounts.Add, uc.Jobs.Add, true
	report, err := w.run(ctx)
	report.Applied = true
	return report, err
}

func (uc Import) newWalk() *walk {
	return &walk{
		Import: uc, owners: map[string]owner{}, emails: map[string]int{}, usernames: map[string]int{},
		report: domain.Report{Statuses: map[string]int{}, Findings: []domain.Finding{}},
	}
}
