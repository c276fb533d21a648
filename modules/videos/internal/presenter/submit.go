package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// SubmitVideo streams the upload into the storage and answers with the job.
func (s *Server) SubmitVideo(c echo.Context, params SubmitVideoParams) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	who.Locale = httpserver.Language(c.Request())
	key, err := idempotencyKey(params.IdempotencyKey)
	if err != nil {
		return err
	}
	parts, err := newForm(c.Response(), c.Request(), s.Stall)
	if err != nil {
		return err
	}
	done, err := s.Submit.Do(c.Request().Context(), domain.Submission{Owner: who, Key: key, Declared: c.Request().ContentLength, Parts: parts})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", jobURL(done.Job.ID, "status"))
	if done.Repeated {
		c.Response().Header().Set("Idempotent-Replayed", "true")
	}
	return httpserver.JSON(c, http.StatusCreated, s.submitted(done))
}

func idempotencyKey(header *string) (string, error) {
	if header == nil {
		return "", nil
	}
	return domain.ParseKey(*header)
}

func (s *Server) submitted(done domain.Submitted) SubmitResponse {
	job := done.Job
	minutes := done.EstimatedMinutes
	return SubmitResponse{
		Success: true, Message: "Video submitted successfully for processing", Timestamp: s.now(),
		Data: SubmitData{
			Job: SubmittedJob{
				Id: job.ID, Status: Status(job.Status), QueuePosition: done.QueuePosition,
				EstimatedProcessingTimeMinutes: &minutes, EstimatedFrames: job.EstimatedFrames, CreatedAt: job.CreatedAt,
			},
			VideoInfo: SubmittedVideo{
				OriginalFilename: job.Filename, FileSizeMb: domain.MiB(job.Source.Size), VideoFormat: job.Format,
				Duration: known(job.Info.Duration), ExtractionFps: known(job.Params.FPS),
			},
		},
		Links: SubmitLinks{Status: jobURL(job.ID, "status"), Cancel: jobURL(job.ID, "cancel")},
	}
}
