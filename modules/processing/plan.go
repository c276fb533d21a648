package processing

import (
	"context"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/gateway"
	"github.com/fiapx/fiapx/modules/processing/internal/service/extractor"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/blob"
)

// Planned is what an extraction would do.
type Planned = domain.Planned

// Plan tells what Extract would do with these parameters, from the index of the video alone. Errors as of Extract.
func Plan(ctx context.Context, cfg Config, src Source, p Params) (Planned, error) {
	return extractor.Extractor{Limits: cfg.Limits.limits()}.Plan(ctx, src, p)
}

// Plan is part of videos.Prober.
func (p prober) Plan(ctx context.Context, video blob.Reader, params videos.Params) (videos.Plan, error) {
	wanted := gateway.Wanted(params)
	plan, err := p.engine.Plan(ctx, gateway.Video(video), wanted)
	if err != nil {
		return videos.Plan{}, err
	}
	if wanted.Scene > 0 {
		plan.Instants = nil // the index has candidates only; where scenes begin is known once they are decoded
	}
	return videos.Plan{
		Info: toVideoInfo(plan.Info), Frames: int64(plan.Frames), Exact: plan.Exact, Truncated: plan.CutByLimit(wanted),
		Bytes: plan.Bytes, Seconds: plan.Seconds, Instants: plan.Instants, Packets: int64(plan.Packets), Decode: int64(plan.Decode),
	}, nil
}
