package presenter

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// GetSystemHealth answers with the state of the service; it is 200 even when that is bad.
func (s *Server) GetSystemHealth(c echo.Context) error {
	return httpserver.JSON(c, http.StatusOK, health(s.System.Health(c.Request().Context())))
}

func health(h domain.Health) SystemHealth {
	out := SystemHealth{
		Status: "healthy", Service: "video-processing", Version: h.Version, Timestamp: h.At.UTC(),
		Dependencies: Dependencies{
			Database: DependencyHealth{Healthy: h.Database.Healthy, Status: word(h.Database.Healthy, "connected", "disconnected")},
			UserService: IdentityHealth{
				Healthy: h.Identity.Healthy, Status: word(h.Identity.Healthy, "available", "unavailable"),
				ResponseTime: h.Identity.Took.Seconds(), LastCheck: h.Identity.At.UTC(),
			},
			Storage: DependencyHealth{Healthy: h.Storage.Healthy, Status: word(h.Storage.Healthy, "available", "unavailable")},
		},
		ProcessingCapacity: Capacity{MaxConcurrentJobs: h.Capacity, ActiveJobs: h.ActiveJobs, QueueLength: h.QueueLength},
		SupportedFormats:   domain.Formats(), MaxFileSizeMb: domain.MiB(h.MaxFileSize), MaxProcessingTimeMinutes: h.JobTimeout.Minutes(),
	}
	if !h.Dependencies {
		out.Status = "degraded"
	}
	return out
}

func word(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

// GetSystemStats answers with figures of the whole system.
func (s *Server) GetSystemStats(c echo.Context) error {
	if _, err := owner(c.Request().Context()); err != nil {
		return err
	}
	st, err := s.System.Stats(c.Request().Context())
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, SystemStats{
		ProcessingStats: ProcessingStats{
			JobsProcessedToday: st.Activity.CompletedToday, TotalFramesExtracted: st.Activity.Frames,
			AverageProcessingTime: domain.Round2(st.Activity.MeanProcessing), SuccessRate: st.Activity.SuccessRate(),
		},
		QueueStats: QueueStats{
			PendingJobs: st.Load.Pending, ProcessingJobs: st.Load.Processing, AverageWaitTime: domain.Round2(st.Activity.MeanWait),
		},
		SystemResources: SystemResources{
			CpuUsage: st.Resources.CPU, MemoryUsage: st.Resources.Memory, DiskUsage: st.Resources.Disk, AvailableWorkers: st.Load.Workers,
		},
	})
}
