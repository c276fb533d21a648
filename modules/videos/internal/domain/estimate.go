package domain

import "math"

// EstimateFrames is how many pictures the parameters give of a video of that many seconds; ok is false when the
// duration is unknown.
func EstimateFrames(duration float64, p Params) (frames int64, ok bool) {
	if duration <= 0 {
		return 0, false
	}
	span := duration - p.Start
	if p.End != nil {
		span = min(span, *p.End-p.Start)
	}
	// A tiny allowance keeps 0.1 s x 60/s, which is 5.999... in binary, from losing its sixth picture.
	n := math.Floor(max(0, span)*p.FPS + 1e-9)
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
	seconds := duration*0.5*min(mib/100, 2)*p.FPS*float64(p.Quality)/95 + float64(frames)*0.01
	return math.Round(max(10, seconds)/60*100) / 100
}
