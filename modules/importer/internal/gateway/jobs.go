package gateway

import (
	"context"

	"github.com/fiapx/fiapx/modules/importer/internal/domain"
	"github.com/fiapx/fiapx/modules/importer/internal/usecase"
	"github.com/fiapx/fiapx/modules/videos"
)

// Jobs is videos in the words of this module.
type Jobs struct {
	Videos videos.Adoption
	Files  *Files
}

var _ usecase.Jobs = Jobs{}

// Check is part of usecase.Jobs.
func (g Jobs) Check(ctx context.Context, a domain.Arrival) (domain.Fate, error) {
	out, err := g.Videos.Check(ctx, g.toJob(a))
	return toFate(out), err
}

// Add is part of usecase.Jobs.
func (g Jobs) Add(ctx context.Context, a domain.Arrival) (domain.Fate, error) {
	out, err := g.Videos.Add(ctx, g.toJob(a))
	return toFate(out), err
}

func toFate(a videos.Adopted) domain.Fate {
	fate := domain.Fate{Status: a.Status, Known: a.Known, Later: a.Later}
	for _, n := range a.Notes {
		fate.Notes = append(fate.Notes, domain.Note{Code: n.Code, Message: n.Message})
	}
	return fate
}

func (g Jobs) toJob(a domain.Arrival) videos.PastJob {
	j, m := a.Job, a.Metadata
	job := videos.PastJob{
		ID: j.ID, UserID: j.UserID, UserEmail: a.Email, UserName: a.Name, Filename: j.Filename, Format: j.Format, Status: j.Status,
		Error: j.Error, Params: m.Form(j), Duration: j.Duration, FrameRate: j.FrameRate, Codec: m.Codec(), Bitrate: m.Bitrate(),
		HasAudio: m.HasAudio(), EstimatedFrames: m.EstimatedFrames(), Frames: int(max(0, j.Frames)),
		CreatedAt: value(j.CreatedAt), UpdatedAt: j.UpdatedAt, StartedAt: j.StartedAt, EndedAt: j.EndedAt,
		Source: videos.PastFile{Size: max(0, j.FileSize), Open: g.Files.opener(a.Video)},
		Result: videos.PastFile{Open: g.Files.opener(a.Archive)},
	}
	job.Width, job.Height = m.Resolution()
	job.Downloads, job.FirstDownloaded, job.LastDownloaded = m.Downloads()
	switch {
	case a.Archive != nil:
		job.Result.Size = a.Archive.Size
	case j.ZipSize != nil:
		job.Result.Size = max(0, *j.ZipSize)
	}
	return job
}
