package usecase

import (
	"context"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Prober reads the facts of a stored video; its errors are faults in the user's words.
type Prober interface {
	Probe(ctx context.Context, key string) (domain.VideoInfo, error)
}

// SubmitStore is where a submission ends.
type SubmitStore interface {
	JobFinder
	// Insert stores the job, its job_submitted event and its key together and returns the job with its times. domain.ErrKeyBusy when
	// the key has been taken over.
	Insert(ctx context.Context, job domain.NewJob) (domain.Job, error)
	// Position is 1 for the job that is claimed next.
	Position(ctx context.Context, job domain.Job) (int64, error)
	Preferences(ctx context.Context, userID string) (domain.Preferences, error)
}

// Submit takes a video and puts a job into the queue. The row is inserted last: until then a failure leaves nothing.
type Submit struct {
	Store       SubmitStore
	Keys        KeyStore
	Storage     Storage
	Prober      Prober
	Gate        *Gate
	NewID       func() string
	MaxFileSize int64 // bytes, inclusive
	MaxDisk     float64
	Order       domain.Order
	MaxPriority int // above it, only administrators
	Log         *slog.Logger
}

// Do reads the form and answers with the job. With a key that came before it answers with the job of that time, or
// domain.ErrKeyBusy, domain.ErrKeyReused, domain.ErrKeyDeleted.
func (s *Submit) Do(ctx context.Context, q domain.Submission) (domain.Submitted, error) {
	leave, err := s.Gate.Enter(q.Owner.ID)
	if err != nil {
		return domain.Submitted{}, err
	}
	defer leave()
	if err := s.fits(q.Declared); err != nil {
		return domain.Submitted{}, err
	}
	hold, earlier, err := s.reserve(ctx, q.Owner.ID, q.Key)
	if err != nil {
		return domain.Submitted{}, err
	}
	defer hold.free(ctx)
	form := &submission{Submit: s, owner: q.Owner, fields: map[string]string{}, create: s.Storage.Create}
	if earlier.JobID != "" {
		return s.repeat(ctx, form, q.Parts, earlier)
	}
	if err := s.room(ctx, q.Declared); err != nil {
		return domain.Submitted{}, err
	}
	job, err := form.job(ctx, q.Parts)
	if err != nil {
		form.discard(ctx)
		return domain.Submitted{}, err
	}
	return s.enqueue(ctx, domain.NewJob{Job: job, Order: s.Order, Key: hold.of(), Fingerprint: form.fingerprint()})
}

// formAllowance is what boundaries, headers and fields may add to the file in a body.
const formAllowance = 1 << 20

func (s *Submit) fits(declared int64) error {
	if declared > s.MaxFileSize+formAllowance {
		return domain.TooLarge(s.MaxFileSize)
	}
	return nil
}

func (s *Submit) room(ctx context.Context, declared int64) error {
	used, total, err := s.Storage.Usage(ctx)
	if err != nil {
		return err
	}
	if total > 0 && float64(used+max(0, declared)) > float64(total)*s.MaxDisk/100 {
		return domain.ErrDiskFull.After(time.Minute)
	}
	return nil
}

// enqueue keeps the stored video when the insertion fails: the row may exist although the answer was lost, and a video
// without a row is swept up later, while a row without its video could never succeed.
func (s *Submit) enqueue(ctx context.Context, job domain.NewJob) (domain.Submitted, error) {
	ctx = context.WithoutCancel(ctx) // the video is here; a client that has gone still gets its job
	stored, err := s.Store.Insert(ctx, job)
	if err != nil {
		return domain.Submitted{}, err
	}
	s.Log.InfoContext(ctx, "job submitted", "job_id", stored.ID, "user_id", stored.Owner.ID, "bytes", stored.Source.Size)
	return s.submitted(ctx, stored), nil
}

// submitted is the answer about a job as it stands.
func (s *Submit) submitted(ctx context.Context, job domain.Job) domain.Submitted {
	var frames int64
	if job.EstimatedFrames != nil {
		frames = *job.EstimatedFrames
	}
	done := domain.Submitted{
		Job: job, EstimatedMinutes: domain.EstimateMinutes(job.Info.Duration, job.Source.Size, job.Params, frames),
	}
	if job.Status != domain.Pending {
		return done
	}
	var err error
	if done.QueuePosition, err = s.Store.Position(ctx, job); err != nil {
		s.Log.WarnContext(ctx, "queue position unknown", "job_id", job.ID, "err", err)
		done.QueuePosition = 1
	}
	return done
}
