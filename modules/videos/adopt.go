package videos

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/modules/videos/internal/gateway"
	"github.com/fiapx/fiapx/modules/videos/internal/repository"
	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
	"github.com/fiapx/fiapx/platform/fault"
)

// PastJob is a job of another installation: with the id and the times it had there.
type PastJob struct {
	ID, UserID, UserEmail, UserName, Filename, Format string

	Status          string            // pending, processing, completed, failed or cancelled, in any case
	Error           string            // of a failed job
	Params          map[string]string // by the names of the submission form
	Duration        float64           // seconds; 0 is unknown
	FrameRate       float64           // 0 is unknown
	Width, Height   int
	Codec           string
	Bitrate         int64
	HasAudio        bool
	EstimatedFrames *int64
	Frames          int // in the archive
	Source, Result  PastFile

	CreatedAt                     time.Time
	UpdatedAt, StartedAt, EndedAt *time.Time

	Downloads                       int64
	FirstDownloaded, LastDownloaded *time.Time
}

// PastFile is a file that comes with a job. Open is nil when it is missing; Size, in bytes, is then what was noted of it.
type PastFile struct {
	Size int64
	Open func() (io.ReadCloser, error)
}

// Adopted is what becomes of a job of another installation.
type Adopted struct {
	Status string         // here
	Known  bool           // it is here already, and stays as it is
	Later  bool           // it is here already, and files that were missing come now
	Notes  []*fault.Error // what is amiss, although it comes
}

// Adoption brings jobs of another installation here with their files. It announces nothing, so no mail is sent. A job that
// waited or ran there waits here. Safe for concurrent use.
type Adoption struct{ adopt usecase.Adopt }

// NewAdoption needs of deps the migrated database, Blobs and Now.
func NewAdoption(deps Deps) Adoption {
	store := repository.New(deps.DB, repository.ProcessClock(deps.Now), uuid.NewString, func() {})
	return Adoption{usecase.Adopt{Store: store, Storage: gateway.Storage{Blobs: deps.Blobs}}}
}

// Check tells what Add would do. The error is a fault with the reason when the job cannot come.
func (a Adoption) Check(ctx context.Context, job PastJob) (Adopted, error) {
	out, err := a.adopt.Check(ctx, job.past())
	return toAdopted(out), err
}

// Add takes the job in, files first. Errors are those of Check and of the storage; adding it again goes on.
func (a Adoption) Add(ctx context.Context, job PastJob) (Adopted, error) {
	out, err := a.adopt.Add(ctx, job.past())
	return toAdopted(out), err
}

func toAdopted(a usecase.Adoption) Adopted {
	return Adopted{Status: string(a.Status), Known: a.Known, Later: a.Later, Notes: a.Notes}
}

func (j PastJob) past() domain.Past {
	return domain.Past{
		ID: j.ID, Filename: j.Filename, Format: j.Format, Status: j.Status, Error: j.Error,
		Owner: domain.Owner{ID: j.UserID, Email: j.UserEmail, Name: j.UserName}, Form: j.Params,
		Info: domain.VideoInfo{
			Duration: j.Duration, FrameRate: j.FrameRate, Width: j.Width, Height: j.Height, Codec: j.Codec,
			Container: j.Format, Bitrate: j.Bitrate, HasAudio: j.HasAudio,
		},
		EstimatedFrames: j.EstimatedFrames, Frames: j.Frames,
		Source: domain.PastFile(j.Source), Result: domain.PastFile(j.Result),
		CreatedAt: j.CreatedAt, UpdatedAt: j.UpdatedAt, StartedAt: j.StartedAt, EndedAt: j.EndedAt,
		Downloads: j.Downloads, FirstDownloaded: j.FirstDownloaded, LastDownloaded: j.LastDownloaded,
	}
}
