package domain

import (
	"math"
	"slices"
)

// EstimateFrames is how many pictures the parameters give of the video, at most when near-duplicates are left out. ok is
// false when that cannot be told: the duration or the frame rate is unknown, or only the film's content decides.
func EstimateFrames(v VideoInfo, p Params) (frames int64, ok bool) {
	if v.Duration <= 0 {
		return 0, false
	}
	end := v.Duration
	if p.End != nil {
		end = min(end, *p.End)
	}
	span := max(0, end-p.Start)
	var n float64
	switch {
	case p.Keyframes || p.Scene > 0 || p.Every > 0 && v.FrameRate <= 0:
		return 0, false
	case p.Every > 0:
		n = math.Ceil(span*v.FrameRate/float64(p.Every) - 1e-9)
	case len(p.Times) > 0:
		n = float64(countWithin(p.Times, p.Start, end))
	default:
		// A tiny allowance keeps 0.1 s x 60/s, which is 5.999... in binary, from losing its sixth picture.
		n = math.Floor(span*p.FPS + 1e-9)
	}
	if p.MaxFrames != nil {
		n = min(n, float64(*p.MaxFrames))
	}
	return int64(min(n, math.MaxInt32)), true
}

// EstimateMinutes is the contract's guess of the time a job takes, rounded to hundredths.
func EstimateMinutes(duration float64, size int64, p Params, frames int64) float64 {
	if duration <= 0 {
		return 5
	}
	mib := math.Round(float64(size)/(1<<20)*100) / 100
	rate := p.FPS
	if rate == 0 {
		rate = max(1, float64(frames)) / duration
	}
	seconds := duration*0.5*min(mib/100, 2)*rate*float64(p.Quality)/95 + float64(frames)*0.01
	return math.Round(max(10, seconds)/60*100) / 100
}

// countWithin counts the ascending times that are in [start, end).
func countWithin(times []float64, start, end float64) int {
	from, _ := slices.BinarySearch(times, start)
	to, _ := slices.BinarySearch(times, end)
	return max(0, to-from)
}
