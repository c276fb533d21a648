package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/httpserver"
)

// ListWorkers answers with the live workers.
func (s *Server) ListWorkers(c echo.Context) error {
	list, err := s.Workers.List(c.Request().Context())
	if err != nil {
		return err
	}
	out := Workers{Workers: make([]Worker, len(list))}
	for i, w := range list {
		out.Workers[i] = Worker{
			WorkerId: w.ID, Version: w.Version, State: WorkerState(w.State), MaxConcurrentJobs: w.Capacity, ActiveJobs: w.Running,
			ProcessedJobs: w.Completed, FailedJobs: w.Failed, SuccessRate: w.SuccessRate(), StartedAt: w.StartedAt,
			Uptime: w.LastSeen.Sub(w.StartedAt).Seconds(), LastSeen: w.LastSeen,
		}
	}
	return httpserver.JSON(c, http.StatusOK, out)
}
