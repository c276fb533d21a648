package videos

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/blob"
)

// Prober looks at videos without extracting anything. Its errors are faults with the user's sentence: a video that is not
// one is refused before there is a job. Safe for concurrent use.
type Prober interface {
	// Probe reads the facts of a video at submission.
	Probe(ctx context.Context, video blob.Reader) (VideoInfo, error)
	// Plan tells from the video's index what an extraction with these parameters would do.
	Plan(ctx context.Context, video blob.Reader, p Params) (Plan, error)
}

// VideoInfo is what the container says of its video stream; zero means unknown.
type VideoInfo struct {
	Duration  float64 // seconds
	FrameRate float64
	Width     int
	Height    int
	Codec     string
	Container string
	Bitrate   int64 // bits per second
	HasAudio  bool
	CreatedAt string
}

// Plan is what an extraction would do.
type Plan struct {
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

func planWith(p Prober) func(context.Context, blob.Reader, domain.Params) (domain.Plan, error) {
	return func(ctx context.Context, video blob.Reader, params domain.Params) (domain.Plan, error) {
		plan, err := p.Plan(ctx, video, Params(params))
		return domain.Plan{
			Info: domain.VideoInfo(plan.Info), Frames: plan.Frames, Exact: plan.Exact, Truncated: plan.Truncated, Bytes: plan.Bytes,
			Seconds: plan.Seconds, Instants: plan.Instants, Packets: plan.Packets, Decode: plan.Decode,
		}, err
	}
}

func probeWith(p Prober) func(context.Context, blob.Reader) (domain.VideoInfo, error) {
	return func(ctx context.Context, video blob.Reader) (domain.VideoInfo, error) {
		info, err := p.Probe(ctx, video)
		return domain.VideoInfo(info), err
	}
}
