package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

func (s *Server) view(c echo.Context, jobID string) (domain.View, error) {
	who, err := owner(c.Request().Context())
	if err != nil {
		return domain.View{}, err
	}
	return s.Show.Do(c.Request().Context(), who.ID, jobID)
}

// GetJobStatus answers with the whole job.
func (s *Server) GetJobStatus(c echo.Context, jobID JobID) error {
	view, err := s.view(c, jobID)
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, status(view))
}

func status(v domain.View) JobStatus {
	job := v.Job
	out := JobStatus{
		Success: true, Timestamp: v.Now.UTC(),
		Data: StatusData{
			Job: StatusJob{
				Id: job.ID, Status: Status(job.Status), OriginalFilename: job.Filename, FileSizeMb: domain.MiB(job.Source.Size),
				VideoFormat: job.Format, Duration: known(job.Info.Duration), ExtractionFps: known(job.Params.FPS),
				Priority:  StatusJobPriority(domain.PriorityName(job.Priority)),
				CreatedAt: job.CreatedAt, UpdatedAt: job.UpdatedAt,
			},
			Progress: StatusProgress{
				Percentage: job.Percentage(), CurrentStage: job.Stage(), FramesExtracted: int64(job.Progress.Frames),
				Speed: known(job.Progress.Rate), EstimatedCompletion: job.EstimatedCompletion(v.Now),
				ProcessingStartedAt: job.StartedAt, ProcessingDuration: took(job, v.Now),
			},
			Results: results(job),
		},
	}
	if v.QueuePosition > 0 {
		out.Data.Job.QueuePosition = &v.QueuePosition
	}
	if job.ErrorMessage != "" {
		out.Data.Error = &StatusError{Code: job.ErrorCode, Message: job.ErrorMessage, FailedAt: job.UpdatedAt}
	}
	if job.Downloadable() {
		out.Links = &StatusLinks{Download: jobURL(job.ID, "download"), Frames: jobURL(job.ID, "frames")}
	}
	return out
}

func results(job domain.Job) StatusResults {
	r := StatusResults{
		FrameCount: frameCount(job), EstimatedFrames: job.EstimatedFrames, ZipSizeMb: zipSize(job), DownloadAvailable: job.Downloadable(),
	}
	d := damage(job)
	r.Partial, r.PartialReason, r.Warning, r.DamagedAt, r.Truncated = d.partial, d.reason, d.reason, d.at, d.truncated
	return r
}

// GetJobProgress answers with the progress alone.
func (s *Server) GetJobProgress(c echo.Context, jobID JobID) error {
	view, err := s.view(c, jobID)
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, progress(view.Job))
}

func progress(job domain.Job) JobProgress {
	out := JobProgress{JobId: job.ID, Status: Status(job.Status), CurrentStage: job.Stage()}
	if p := job.Percentage(); p != nil {
		out.ProgressPercentage = *p
	}
	if job.Status != domain.Processing {
		return out
	}
	frames := int64(job.Progress.Frames)
	out.ProcessingActive = true
	out.LastUpdated, out.StartedAt, out.EstimatedFrames = job.Progress.At, job.StartedAt, job.EstimatedFrames
	out.FramesExtracted, out.WorkerId = &frames, &job.LeaseOwner
	return out
}
