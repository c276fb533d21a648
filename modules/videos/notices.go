package videos

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
)

// Notice is a job as its owner is to be told of it.
type Notice struct {
	JobID    string
	Event    string // JobCompleted, JobFailed, or another when the job has not ended or was cancelled
	UserID   string
	Email    string // as of submission
	Name     string
	Language string // BCP 47; empty when nothing is known
	Wanted   bool   // the owner wants mail about such an end

	Filename  string // the client's name, for display only
	Frames    int
	Size      int64         // bytes of the archive
	Took      time.Duration // of the last attempt
	Partial   string        // why the film ended early; empty when it did not
	DamagedAt *float64      // seconds: from here on the film could not be read
	Truncated bool          // the operator's hard limit cut the result
	Reason    string        // why the job failed and what to do, in one sentence
}

// Ended is a job that has completed or failed.
type Ended struct {
	JobID string
	Event string // JobCompleted or JobFailed
	At    time.Time
}

// Notices is what whoever tells owners about their jobs may read. Safe for concurrent use.
type Notices struct{ jobs usecase.Notices }

// Notices gives that access.
func (m *Module) Notices() Notices { return Notices{jobs: usecase.Notices{Store: m.store}} }

// Notice describes a job as it stands; ok is false when it is gone.
func (n Notices) Notice(ctx context.Context, jobID string) (notice Notice, ok bool, err error) {
	found, ok, err := n.jobs.Notice(ctx, jobID)
	if err != nil || !ok {
		return Notice{}, false, err
	}
	return toNotice(found), true, nil
}

// Ended lists up to n jobs that completed or failed after that instant and, at that instant, after that id; oldest first.
// A job that ended a moment ago may still be missing when a later one is there: look back a little.
func (n Notices) Ended(ctx context.Context, after time.Time, id string, limit int) ([]Ended, error) {
	found, err := n.jobs.Store.Ended(ctx, after, id, limit)
	ended := make([]Ended, len(found))
	for i, e := range found {
		ended[i] = Ended{JobID: e.JobID, Event: eventOf[e.Status], At: e.At}
	}
	return ended, err
}

var eventOf = map[domain.Status]string{
	domain.Pending: JobSubmitted, domain.Processing: JobStarted, domain.Completed: JobCompleted,
	domain.Failed: JobFailed, domain.Cancelled: JobCancelled,
}

func toNotice(found domain.Notice) Notice {
	job := found.Job
	out := Notice{
		JobID: job.ID, Event: eventOf[job.Status], UserID: job.Owner.ID, Email: job.Owner.Email, Name: job.Owner.Name,
		Language: found.Language, Wanted: found.Wanted, Filename: job.Filename, Reason: job.ErrorMessage,
	}
	if job.StartedAt != nil && job.CompletedAt != nil {
		out.Took = max(0, job.CompletedAt.Sub(*job.StartedAt))
	}
	if r := job.Result; r != nil {
		out.Frames, out.Size, out.Partial, out.DamagedAt, out.Truncated = r.Frames, r.Size, r.Partial, r.DamagedAt, r.Truncated
	}
	return out
}
