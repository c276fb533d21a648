package videos

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/blob"
)

// Prober reads the facts of a video at submission. Its errors are faults with the user's sentence: a video that is not
// one is refused before there is a job. Safe for concurrent use.
type Prober interface {
	Probe(ctx context.Context, video blob.Reader) (VideoInfo, error)
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

func probeWith(p Prober) func(context.Context, blob.Reader) (domain.VideoInfo, error) {
	return func(ctx context.Context, video blob.Reader) (domain.VideoInfo, error) {
		info, err := p.Probe(ctx, video)
		return domain.VideoInfo(info), err
	}
}
