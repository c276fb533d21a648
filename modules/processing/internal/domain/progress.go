package domain

import "math"

// Progress is what a running attempt reports.
type Progress struct {
	Percent float64
	Stage   string
	Frames  int
	Rate    float64 // seconds of film per second; 0 when unknown
	ETA     float64 // seconds left; 0 when unknown
}

// Stage is a step of an attempt that users see.
type Stage struct {
	Percent float64
	Message string
}

// The stages in their order.
var (
	StageStarted    = Stage{10, "Starting video processing"}
	StagePrepared   = Stage{20, "Video file prepared"}
	StageConfigured = Stage{30, "Extraction configuration ready"}
	StageExtracting = Stage{35, "Starting frame extraction"}
	StageExtracted  = Stage{80, "Frame extraction completed"}
	StagePackaged   = Stage{95, "Results packaging completed"}
)

// At gives the progress at the beginning of a stage, with the images that are already there.
func (s Stage) At(frames int) Progress {
	return Progress{Percent: s.Percent, Stage: s.Message, Frames: frames}
}

// Extracting places the engine's own progress between the stages before and after it.
func Extracting(a Advance, start float64) Progress {
	done := min(1, max(0, a.Done))
	span := StageExtracted.Percent - StageExtracting.Percent
	p := Progress{
		Percent: round1(StageExtracting.Percent + done*span),
		Stage:   StageExtracting.Message, Frames: a.Frames,
	}
	elapsed := a.Elapsed.Seconds()
	if elapsed <= 0 {
		return p
	}
	p.Rate = max(0, a.Time-start) / elapsed
	if done > 0 {
		p.ETA = elapsed * (1 - done) / done
	}
	return p
}

// Joining places the joining of parts, so many of all, between the stages before and after it.
func Joining(done, parts, frames int) Progress {
	share := float64(done) / float64(max(1, parts))
	return Progress{
		Percent: round1(StageExtracted.Percent + share*(StagePackaged.Percent-StageExtracted.Percent)),
		Stage:   StageExtracted.Message, Frames: frames,
	}
}

func round1(v float64) float64 { return math.Round(v*10) / 10 }
