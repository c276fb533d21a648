package usecase

import (
	"archive/zip"
	"context"
	"fmt"
	"log/slog"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// DownloadStore finds jobs and counts their downloads.
type DownloadStore interface {
	JobFinder
	CountDownload(ctx context.Context, jobID string) error
}

// Download hands out the archive of a completed job.
type Download struct {
	Store   DownloadStore
	Storage Storage
	Log     *slog.Logger
}

// Do opens the archive. domain.ErrNotFound, ErrNotCompleted, ErrResultGone.
func (d *Download) Do(ctx context.Context, userID, rawID string) (domain.Download, error) {
	return d.open(ctx, userID, rawID, domain.ErrNotCompleted)
}

func (d *Download) open(ctx context.Context, userID, rawID string, tooEarly error) (domain.Download, error) {
	job, err := find(ctx, d.Store, userID, rawID)
	if err != nil {
		return domain.Download{}, err
	}
	if !job.Downloadable() {
		return domain.Download{}, tooEarly
	}
	content, size, err := d.Storage.Open(ctx, job.Result.Key)
	if err != nil {
		return domain.Download{}, err
	}
	return domain.Download{Job: job, Content: content, Size: size}, nil
}

// Sent counts a download that reached its last byte. The archive is out already, so a failure to count is only logged.
func (d *Download) Sent(ctx context.Context, job domain.Job) {
	ctx = context.WithoutCancel(ctx)
	if err := d.Store.CountDownload(ctx, job.ID); err != nil {
		d.Log.WarnContext(ctx, "download not counted", "job_id", job.ID, "err", err)
	}
}

// Frames lists the pictures in the archive, in the order of the film, by reading its directory only.
func (d *Download) Frames(ctx context.Context, userID, rawID string) ([]string, error) {
	file, err := d.open(ctx, userID, rawID, domain.ErrNoFrames)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Content.Close() }()
	archive, err := zip.NewReader(file.Content, file.Size)
	if err != nil {
		return nil, fmt.Errorf("read archive directory: %w", err)
	}
	names := make([]string, 0, len(archive.File))
	for _, f := range archive.File {
		if domain.IsFrame(f.Name) {
			names = append(names, f.Name)
		}
	}
	return names, nil
}
