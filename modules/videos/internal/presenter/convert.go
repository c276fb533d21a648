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

// shortfall is what is missing of a result.
type shortfall struct {
	partial, truncated bool
	reason             *string
	at                 *float64
}

func damage(j domain.Job) shortfall {
	if j.Result == nil {
		return shortfall{}
	}
	s := shortfall{partial: j.Result.Partial != "" || j.Result.DamagedAt != nil, truncated: j.Result.Truncated, at: j.Result.DamagedAt}
	if j.Result.Partial != "" {
		s.reason = &j.Result.Partial
	}
	return s
}
