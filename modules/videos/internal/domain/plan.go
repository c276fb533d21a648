package domain

import "github.com/fiapx/fiapx/platform/fault"

// Plan is what an extraction would do, told from the video's index alone.
type Plan struct {
	JobID     string
	Info      VideoInfo
	Frames    int64 // pictures; when Exact is false at most so many, or with Scene a guess
	Exact     bool
	Truncated bool      // the operator's limit on pictures would cut it
	Bytes     int64     // of the archive, estimated
	Seconds   float64   // of work, estimated
	Instants  []float64 // seconds, of the first 10,000 pictures
	Packets   int64     // of the video stream
	Decode    int64     // packets that must be decoded
}

// Why there is no plan.
var (
	// ErrSourceGone says that the video of a job is no longer kept.
	ErrSourceGone = fault.New(fault.Gone, "videos.source_gone", "The video of this job is no longer kept; submit it again to plan another extraction.")
	// ErrPlanning says that the process makes as many plans as it may.
	ErrPlanning = fault.New(fault.RateLimited, "videos.too_many_plans", "Too many plans are being made; try again in a moment.")
)
