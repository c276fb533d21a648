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
	// Insert stores the job and its job_submitted event together and returns the job with its times.
	Insert(ctx context.Context, job domain.Job, order domain.Order) (domain.Job, error)
	// Position is 1 for the job that is claimed next.
	Position(ctx context.Context, job domain.Job) (int64, error)
	Preferences(ctx context.Context, userID string) (domain.Preferences, error)
}

// Submit takes a video and puts a job into the queue. The row is inserted last: until then a failure leaves nothing.
type Submit struct {
	Store       SubmitStore
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

// Do reads the form and answers with the job. declared is the length of the body, or -1 when the client did not say.
func (s *Submit) Do(ctx context.Context, owner domain.Owner, declared int64, parts domain.Parts) (domain.Submitted, error) {
	leave, err := s.Gate.Enter(owner.ID)
	if err != nil {
		return domain.Submitted{}, err
	}
	defer leave()
	if err := s.room(ctx, declared); err != nil {
		return domain.Submitted{}, err
	}
	prefs, err := s.Store.Preferences(ctx, owner.ID)
	if err != nil {
		return domain.Submitted{}, err
	}
	defaults := prefs.WithDefaults().Defaults()
	form := &submission{Submit: s, owner: owner, defaults: defaults, fields: map[string]string{}}
	job, err := form.read(ctx, parts)
	if err != nil {
		form.discard(ctx)
		return domain.Submitted{}, err
	}
	return s.enqueue(ctx, job)
}

// formAllowance is what boundaries, headers and fields may add to the file in a body.
const formAllowance = 1 << 20

func (s *Submit) room(ctx context.Context, declared int64) error {
	if declared > s.MaxFileSize+formAllowance {
		return domain.TooLarge(s.MaxFileSize)
	}
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
func (s *Submit) enqueue(ctx context.Context, job domain.Job) (domain.Submitted, error) {
	ctx = context.WithoutCancel(ctx) // the video is here; a client that has gone still gets its job
	stored, err := s.Store.Insert(ctx, job, s.Order)
	if err != nil {
		return domain.Submitted{}, err
	}
	position, err := s.Store.Position(ctx, stored)
	if err != nil {
		s.Log.WarnContext(ctx, "queue position unknown", "job_id", stored.ID, "err", err)
		position = 1
	}
	s.Log.InfoContext(ctx, "job submitted", "job_id", stored.ID, "user_id", stored.Owner.ID, "bytes", stored.Source.Size)
	var frames int64
	if stored.EstimatedFrames != nil {
		frames = *stored.EstimatedFrames
	}
	return domain.Submitted{
		Job: stored, QueuePosition: position,
		EstimatedMinutes: domain.EstimateMinutes(stored.Info.Duration, stored.Source.Size, stored.Params, frames),
	}, nil
}
