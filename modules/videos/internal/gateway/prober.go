package gateway

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/blob"
)

// Prober probes a stored video with the function that the facade was given.
type Prober struct {
	Blobs blob.Store
	Read  func(ctx context.Context, video blob.Reader) (domain.VideoInfo, error)
}

// Probe opens the video and reads its facts.
func (p Prober) Probe(ctx context.Context, key string) (domain.VideoInfo, error) {
	r, err := p.Blobs.Open(ctx, key)
	if err != nil {
		return domain.VideoInfo{}, err
	}
	defer func() { _ = r.Close() }()
	return p.Read(ctx, r)
}
