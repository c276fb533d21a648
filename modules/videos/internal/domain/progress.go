package domain

import (
	"math"
	"time"
)

// Progress is where a running attempt stands.
type Progress struct {
	Percent float64 // 0-100
	Stage   string
	Frames  int
	Rate    float64 // seconds of film per second; 0 when unknown
	ETA     float64 // seconds left; 0 when unknown
	At      *time.Time
}

const (
	stageClaimed = "Starting video processing"
	stageDone    = "Processing completed successfully"
	// A running job never shows more than this: 100 is for the completed one only.
	maxRunning = 95
)

// StartProgress is what an attempt shows as soon as it is claimed.
func StartProgress() Progress { return Progress{Percent: 10, Stage: stageClaimed} }

// DoneProgress is what a completed job shows.
func DoneProgress(frames int) Progress {
	return Progress{Percent: 100, Stage: stageDone, Frames: frames}
}

// Sane keeps what a worker reports within the rules: finite, between 0 and 95, nothing negative.
func (p Progress) Sane() Progress {
	finite := func(v float64) float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0
		}
		return max(0, v)
	}
	p.Percent = min(maxRunning, finite(p.Percent))
	p.Rate, p.ETA, p.Frames = finite(p.Rate), finite(p.ETA), max(0, p.Frames)
	return p
}

// Percentage is the figure of the status answer: nil for jobs that will never have a result.
func (j Job) Percentage() *float64 {
	value := 0.0
	switch j.Status {
	case Failed, Cancelled:
		return nil
	case Completed:
		value = 100
	case Processing:
		value = j.Progress.Percent
	case Pending:
	}
	return &value
}

// Stage is the sentence of the progress answer.
func (j Job) Stage() string {
	if j.Status != Processing {
		return "Job is " + string(j.Status)
	}
	if j.Progress.Stage == "" {
		return "Processing"
	}
	return j.Progress.Stage
}

// EstimatedCompletion is when a running job should be done: by the measured speed, otherwise by twice the duration of
// the film from its start, but never in the past.
func (j Job) EstimatedCompletion(now time.Time) *time.Time {
	if j.Status != Processing || j.StartedAt == nil {
		return nil
	}
	var at time.Time
	switch {
	case j.Progress.ETA > 0 && j.Progress.At != nil:
		at = j.Progress.At.Add(seconds(j.Progress.ETA))
	case j.Info.Duration > 0:
		at = j.StartedAt.Add(seconds(2 * j.Info.Duration))
	default:
		return nil
	}
	if at.Before(now) {
		at = now
	}
	return &at
}

// seconds is bounded, because a duration beyond 290 years would wrap into the past.
func seconds(s float64) time.Duration {
	const year = 365 * 24 * time.Hour
	return time.Duration(min(s, year.Seconds()) * float64(time.Second))
}
