package archive

import (
	"fmt"
	"image"
	"io"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// storyboard collects the cues of a WebVTT file: which part of which sprite shows the film from one image to the next.
type storyboard struct {
	params domain.Params
	cues   *spool
	open   cue // that of the last image; how long it lasts is known with the next one
	any    bool
	length float64 // of the last cue that ended, seconds
}

// cue is a part of a page, shown from an instant on.
type cue struct {
	from float64 // seconds
	page int
	at   image.Rectangle
}

func newStoryboard(p domain.Params) *storyboard { return &storyboard{params: p, cues: newSpool()} }

func (s *storyboard) add(instant float64, c cue) error {
	if err := s.finish(instant); err != nil {
		return err
	}
	c.from = instant
	s.open, s.any = c, true
	return nil
}

// finish ends the open cue. One that would last less than a millisecond cannot be said in WebVTT and is left out.
func (s *storyboard) finish(end float64) error {
	from, to := millis(s.open.from), millis(end)
	if !s.any || from >= to {
		return nil
	}
	s.length = end - s.open.from
	at := s.open.at
	_, err := fmt.Fprintf(s.cues, "\n%s --> %s\n%s#xywh=%d,%d,%d,%d\n", clock(from, ':'), clock(to, ':'),
		pageName(boardName, s.open.page), at.Min.X, at.Min.Y, at.Dx(), at.Dy())
	return err
}

func (s *storyboard) close(to container, r domain.Report) error {
	if err := s.finish(s.end(r)); err != nil {
		return err
	}
	if err := s.cues.end(); err != nil {
		return err
	}
	const name = boardName + ".vtt"
	err := to.stream(name, func(w io.Writer) error {
		if _, err := io.WriteString(w, "WEBVTT\n"); err != nil {
			return err
		}
		_, err := io.Copy(w, s.cues.reader())
		return err
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// end is where the last image stops to stand for the film: at the end of what was asked for, or, when images are missing
// after it, as long after it as it came after the one before.
func (s *storyboard) end(r domain.Report) float64 {
	end := r.Info.Duration
	if s.params.End != nil {
		end = min(end, *s.params.End)
	}
	if r.DamagedAt != nil {
		end = *r.DamagedAt
	}
	if !r.Truncated && millis(end) > millis(s.open.from) {
		return end
	}
	if s.length > 0 {
		return s.open.from + s.length
	}
	return s.open.from + 1
}
