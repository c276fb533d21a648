package importer

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/modules/importer/internal/domain"
	"github.com/fiapx/fiapx/modules/importer/internal/gateway"
	"github.com/fiapx/fiapx/modules/importer/internal/repository"
	"github.com/fiapx/fiapx/modules/importer/internal/usecase"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/database"
)

// Report is what an import did, or would do.
type Report = domain.Report

// Progress is how far an import is.
type Progress = domain.Progress

// Count is how many rows of one kind there are in a report.
type Count = domain.Count

// FileCount is how many files of one kind there are in a report.
type FileCount = domain.FileCount

// ErrRefused says that rows cannot come, so that nothing was written.
var ErrRefused = usecase.ErrRefused

// Deps is what an import works with. Whoever opened a thing closes it.
type Deps struct {
	OriginAuth, OriginVideos *database.DB // of the original; only read
	Auth, Videos             *database.DB // of the modules here, migrated
	Blobs                    blob.Store
	Files                    *os.Root // the original's storage; nil leaves all files behind
	Retention                time.Duration
	Log                      *slog.Logger
	Now                      func() time.Time
	Tell                     func(Progress)  // called for every row
	Moved                    func(bytes int) // called for every piece of a file that was copied
}

// Import is one import, wired.
type Import struct{ uc usecase.Import }

// New wires an import. It reads and writes nothing.
func New(d Deps) Import {
	files := &gateway.Files{Root: d.Files, Moved: d.Moved}
	uc := usecase.Import{
		Origin:   repository.Origin{Auth: d.OriginAuth, Videos: d.OriginVideos},
		Accounts: gateway.Accounts{Auth: auth.NewAdoption(auth.Deps{DB: d.Auth, Log: d.Log, Now: d.Now})},
		Jobs: gateway.Jobs{
			Videos: videos.NewAdoption(videos.Deps{DB: d.Videos, Blobs: d.Blobs, Log: d.Log, Now: d.Now}), Files: files,
		},
		Files: files, Tell: d.Tell,
	}
	if d.Retention > 0 {
		uc.Expired = d.Now().Add(-d.Retention)
	}
	return Import{uc}
}

// Plan tells what Apply would do and writes nothing.
func (i Import) Plan(ctx context.Context) (Report, error) { return i.uc.Plan(ctx) }

// Apply takes in everything that can come. When rows are refused it writes nothing and returns the plan with ErrRefused;
// ApplySkipping leaves them behind. Either goes on where an interrupted run ended.
func (i Import) Apply(ctx context.Context) (Report, error) { return i.uc.Apply(ctx, false) }

// ApplySkipping is Apply without the refused rows.
func (i Import) ApplySkipping(ctx context.Context) (Report, error) { return i.uc.Apply(ctx, true) }
