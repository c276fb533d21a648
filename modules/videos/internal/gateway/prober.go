package gateway

import (
	"context"
	"errors"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/blob"
)

// Prober probes a stored video, and plans with it, with the functions that the facade was given.
type Prober struct {
	Blobs   blob.Store
	Read    func(ctx context.Context, video blob.Reader) (domain.VideoInfo, error)
	Foresee func(ctx context.Context, video blob.Reader, p domain.Params) (domain.Plan, error)
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

// Plan opens the video and plans an extraction of it. domain.ErrSourceGone for a missing key.
func (p Prober) Plan(ctx context.Context, key string, params domain.Params) (domain.Plan, error) {
	r, err := p.Blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return domain.Plan{}, domain.ErrSourceGone.Because(err)
	}
	if err != nil {
		return domain.Plan{}, err
	}
	defer func() { _ = r.Close() }()
	return p.Foresee(ctx, r, params)
}
