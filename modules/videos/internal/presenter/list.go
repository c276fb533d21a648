package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

const defaultPage = 20

// ListJobs answers with a page of the user's jobs.
func (s *Server) ListJobs(c echo.Context, params ListJobsParams) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	status, skip, limit := "", 0, defaultPage
	if params.StatusFilter != nil {
		status = *params.StatusFilter
	}
	if params.Skip != nil {
		skip = int(*params.Skip)
	}
	if params.Limit != nil {
		limit = int(*params.Limit)
	}
	page, err := s.List.Do(c.Request().Context(), who.ID, status, skip, limit)
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, s.jobList(page))
}

func (s *Server) jobList(page domain.Page) JobList {
	jobs := make([]ListedJob, len(page.Jobs))
	for i, job := range page.Jobs {
		jobs[i] = s.listed(job)
	}
	t := page.Totals
	return JobList{
		Success: true, Timestamp: s.now(),
		Data: JobListData{
			Jobs: jobs, Pagination: pagination(page),
			Statistics: JobStatistics{
				TotalJobs: t.Jobs, CompletedJobs: t.Completed, FailedJobs: t.Failed, PendingJobs: t.Pending, ProcessingJobs: t.Processing,
				TotalFramesExtracted: t.Frames, TotalProcessingTimeHours: domain.Round2(t.ProcessingSeconds / 3600), SuccessRate: t.SuccessRate(),
			},
		},
	}
}

func pagination(page domain.Page) Pagination {
	skip, limit := int64(page.Filter.Skip), int64(page.Filter.Limit)
	return Pagination{
		TotalCount: page.Total, Skip: skip, Limit: limit, HasNext: skip+limit < page.Total, HasPrevious: skip > 0,
		TotalPages: (page.Total + limit - 1) / limit, CurrentPage: skip/limit + 1,
	}
}

func (s *Server) listed(job domain.Job) ListedJob {
	out := ListedJob{
		Id: job.ID, OriginalFilename: job.Filename, Status: Status(job.Status), FileSizeMb: domain.MiB(job.Source.Size),
		VideoFormat: job.Format, Duration: known(job.Info.Duration), FrameCount: frameCount(job), EstimatedFrames: job.EstimatedFrames,
		ZipSizeMb: zipSize(job), ProcessingDuration: took(job, s.Now()), CreatedAt: job.CreatedAt,
		ProcessingCompletedAt: job.CompletedAt, DownloadAvailable: job.Downloadable(),
	}
	d := damage(job)
	out.Partial, out.PartialReason, out.DamagedAt, out.Truncated = d.partial, d.reason, d.at, d.truncated
	if out.DownloadAvailable {
		url := jobURL(job.ID, "download")
		out.DownloadUrl = &url
	}
	return out
}

// ListActiveJobs answers with the user's running jobs.
func (s *Server) ListActiveJobs(c echo.Context) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	jobs, err := s.List.Active(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, activeJobs(jobs))
}

func activeJobs(jobs []domain.Job) ActiveJobs {
	out := ActiveJobs{ActiveJobs: make([]ActiveJob, len(jobs)), TotalActive: int64(len(jobs))}
	for i, job := range jobs {
		percent := job.Progress.Percent
		out.ActiveJobs[i] = ActiveJob{
			JobId: job.ID, OriginalFilename: job.Filename, Status: Status(job.Status), ProgressPercentage: percent,
			CurrentStage: job.Stage(), LastUpdated: job.Progress.At, StartedAt: job.StartedAt,
		}
		switch { // between 10 and 30 a job is prepared, which counts nowhere
		case percent < 10:
			out.ProcessingSummary.JobsInQueue++
		case percent >= 80:
			out.ProcessingSummary.JobsPackaging++
		case percent >= 30:
			out.ProcessingSummary.JobsExtracting++
		}
	}
	return out
}
