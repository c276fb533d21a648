package presenter

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// CancelJob stops a job.
func (s *Server) CancelJob(c echo.Context, jobID JobID) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	id, err := s.Cancel.Do(c.Request().Context(), who.ID, jobID)
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, CancelResponse{
		Success: true, Message: fmt.Sprintf("Job %s cancellation requested", id), Status: Status(domain.Cancelled),
	})
}

// DeleteJob removes a job and, unless told otherwise, its files.
func (s *Server) DeleteJob(c echo.Context, jobID JobID, params DeleteJobParams) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	keep := false
	if params.DeleteFiles != nil {
		if files, ok := domain.ParseBool(*params.DeleteFiles); ok {
			keep = !files
		}
	}
	gone, err := s.Delete.Do(c.Request().Context(), who.ID, jobID, keep)
	if err != nil {
		return err
	}
	files := gone.Files
	if files == nil {
		files = []string{}
	}
	return httpserver.JSON(c, http.StatusOK, DeleteResponse{
		Success: true, Message: "Job deleted successfully", Timestamp: s.now(),
		Data: DeleteData{
			DeletedJobId: gone.JobID, FilesDeleted: files,
			CleanupSummary: CleanupSummary{FilesRemovedCount: int64(len(files)), StorageFreedMb: domain.Round2(domain.MiB(gone.Freed))},
		},
	})
}
