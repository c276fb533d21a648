package presenter

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/httpserver"
)

// DownloadJob sends the archive or the ranges of it that the client asks for.
func (s *Server) DownloadJob(c echo.Context, jobID JobID, _ DownloadJobParams) error {
	return s.download(c, jobID)
}

// HeadJob sends the headers of DownloadJob.
func (s *Server) HeadJob(c echo.Context, jobID JobID, _ HeadJobParams) error {
	return s.download(c, jobID)
}

func (s *Server) download(c echo.Context, jobID string) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	file, err := s.Download.Do(c.Request().Context(), who.ID, jobID)
	if err != nil {
		return err
	}
	defer func() { _ = file.Content.Close() }()
	describe(c.Response().Header(), file.Job)
	out := &answer{ResponseWriter: c.Response()}
	http.ServeContent(out, c.Request(), "", *file.Job.CompletedAt, file.Content)
	if out.status == http.StatusRequestedRangeNotSatisfiable {
		c.Response().Header().Del("Content-Disposition")
		return echo.NewHTTPError(out.status, "The requested range lies outside the archive of "+strconv.FormatInt(file.Size, 10)+" bytes; ask for a part of it.")
	}
	if c.Request().Method == http.MethodGet && out.reachedEnd(file.Size) {
		s.Download.Sent(c.Request().Context(), file.Job)
	}
	return nil
}

func describe(h http.Header, job domain.Job) {
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", disposition(job))
	h.Set("Cache-Control", "private, no-cache")
	if job.Result.SHA256 != "" {
		h.Set("ETag", `"`+job.Result.SHA256+`"`)
	}
	h.Set("X-Job-ID", job.ID)
	h.Set("X-Frame-Count", strconv.Itoa(job.Result.Frames))
	h.Set("X-Processing-Completed", domain.Stamp(*job.CompletedAt))
	if d, ok := job.Took(*job.CompletedAt); ok {
		h.Set("X-Processing-Duration", strconv.FormatFloat(d.Seconds(), 'f', -1, 64))
	}
	if job.Info.Duration > 0 {
		h.Set("X-Video-Duration", strconv.FormatFloat(job.Info.Duration, 'f', -1, 64))
	}
}

// answer watches what http.ServeContent does. It keeps back its plain-text 416, so that the error has the shape of all
// others, and it knows whether the last byte went out.
type answer struct {
	http.ResponseWriter
	status  int
	written int64
	failed  bool
}

func (a *answer) WriteHeader(status int) {
	if a.status != 0 {
		return
	}
	a.status = status
	if status != http.StatusRequestedRangeNotSatisfiable {
		a.ResponseWriter.WriteHeader(status)
	}
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	if a.status == http.StatusRequestedRangeNotSatisfiable {
		return len(p), nil
	}
	n, err := a.ResponseWriter.Write(p)
	a.written += int64(n)
	a.failed = a.failed || err != nil
	return n, err
}

// Unwrap lets http.ResponseController through.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// reachedEnd tells whether the whole archive, or a single range up to its end, has been written: a download that was
// interrupted and resumed counts once.
func (a *answer) reachedEnd(size int64) bool {
	if a.failed {
		return false
	}
	if a.status == http.StatusOK {
		return a.written == size
	}
	span, ok := strings.CutPrefix(a.Header().Get("Content-Range"), "bytes ")
	if a.status != http.StatusPartialContent || !ok {
		return false
	}
	first, last, _ := strings.Cut(strings.TrimSuffix(span, "/"+strconv.FormatInt(size, 10)), "-")
	from, err1 := strconv.ParseInt(first, 10, 64)
	to, err2 := strconv.ParseInt(last, 10, 64)
	return err1 == nil && err2 == nil && to == size-1 && a.written == to-from+1
}

// ListFrames answers with the names of the pictures in the archive.
func (s *Server) ListFrames(c echo.Context, jobID JobID) error {
	who, err := owner(c.Request().Context())
	if err != nil {
		return err
	}
	names, err := s.Download.Frames(c.Request().Context(), who.ID, jobID)
	if err != nil {
		return err
	}
	return httpserver.JSON(c, http.StatusOK, names)
}
