package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// RetryJob puts the user's failed job back into the queue.
func (s *Server) RetryJob(c echo.Context, jobID JobID) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	id, err := s.Retry.Do(c.Request().Context(), who.ID, jobID)
	return again(c, id, err)
}

// RequeueJob does the same to anybody's.
func (s *Server) RequeueJob(c echo.Context, jobID JobID) error {
	id, err := s.Retry.Requeue(c.Request().Context(), jobID)
	return again(c, id, err)
}

func again(c echo.Context, id string, err error) error {
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, RetryResponse{
		Success: true, Message: "The job waits in the queue again.", JobId: id, Status: Status(domain.Pending),
	})
}

// ListAttempts answers with the log of a job.
func (s *Server) ListAttempts(c echo.Context, jobID JobID) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	id, log, err := s.Retry.Attempts(c.Request().Context(), who.ID, jobID)
	if err != nil {
		return err
	}
	out := Attempts{JobId: id, Attempts: make([]Attempt, len(log))}
	for i, a := range log {
		out.Attempts[i] = Attempt{
			Attempt: a.Attempt, WorkerId: a.Worker, StartedAt: a.StartedAt, EndedAt: a.EndedAt,
			Outcome: AttemptOutcome(a.Outcome), ErrorCode: a.Code,
		}
		if a.Segment > 0 {
			out.Attempts[i].Segment = &a.Segment
		}
	}
	return httpserver.JSON(c, http.StatusOK, out)
}

// ListDeadLetters answers with failed jobs of all users.
func (s *Server) ListDeadLetters(c echo.Context, params ListDeadLettersParams) error {
	skip, limit := 0, 20
	if params.Skip != nil {
		skip = int(*params.Skip)
	}
	if params.Limit != nil {
		limit = int(*params.Limit)
	}
	page, err := s.Retry.DeadLetters(c.Request().Context(), skip, limit)
	if err != nil {
		return err
	}
	out := DeadLetters{TotalCount: page.Total, Jobs: make([]DeadLetter, len(page.Jobs))}
	for i, j := range page.Jobs {
		out.Jobs[i] = DeadLetter{
			JobId: j.JobID, UserId: j.UserID, OriginalFilename: j.Filename, ErrorCode: j.Code, ErrorMessage: j.Message,
			FailedAt: j.FailedAt, Attempts: j.Attempt, Crashes: j.Crashes, CanRetry: !j.Gone,
		}
	}
	return httpserver.JSON(c, http.StatusOK, out)
}
