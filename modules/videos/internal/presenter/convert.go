package presenter

import (
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

func (s *Server) now() time.Time { return s.Now().UTC() }

func jobURL(id, what string) string { return "/video-processing/jobs/" + id + "/" + what }

// known is null for a figure that nobody knows.
func known(v float64) *float64 {
	if v == 0 {
		return nil
	}
	return &v
}

func frameCount(j domain.Job) *int64 {
	if j.Result == nil {
		return nil
	}
	n := int64(j.Result.Frames)
	return &n
}

func zipSize(j domain.Job) *float64 {
	if j.Result == nil {
		return nil
	}
	mb := domain.MiB(j.Result.Size)
	return &mb
}

func took(j domain.Job, now time.Time) *float64 {
	d, ok := j.Took(now)
	if !ok {
		return nil
	}
	seconds := d.Seconds()
	return &seconds
}
