// Package extractor gives the engine to the use cases in the words of the domain, with the operator's limits applied.
// It only translates; what is decoded and how is the engine's business.
package extractor

import (
	"context"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// Extractor is the engine under fixed limits.
type Extractor struct {
	Limits engine.Limits
}

// Probe tells what the container says about the video; errors are faults with the user's sentence.
func (x Extractor) Probe(ctx context.Context, src domain.Source) (domain.Info, error) {
	info, err := engine.Probe(ctx, src, x.Limits)
	return toInfo(info), err
}

// Plan tells what Extract would do, from the video's index alone; errors as of Extract.
func (x Extractor) Plan(ctx context.Context, src domain.Source, p domain.Params) (domain.Planned, error) {
	plan, err := engine.Plan(ctx, src, fromParams(p), x.Limits)
	return domain.Planned{
		Info: toInfo(plan.Info), Frames: plan.Frames, Exact: plan.Exact, Truncated: plan.Truncated, Instants: plan.Instants,
		Packets: plan.Packets, Decode: plan.Decode, Bytes: plan.Bytes, Seconds: plan.Seconds,
	}, err
}

// Divide is part of usecase.Surveyor.
func (x Extractor) Divide(ctx context.Context, src domain.Source, p domain.Params, s domain.Share) (domain.Division, error) {
	d, err := engine.Divide(ctx, src, fromParams(p), x.Limits, engine.Share(s))
	return domain.Division{Frames: d.Frames, Work: d.Work, Cuts: d.Cuts}, err
}

// Extract is part of usecase.Engine.
func (x Extractor) Extract(ctx context.Context, src domain.Source, p domain.Params,
	onProgress func(domain.Advance), emit func(domain.Image) error,
) (domain.Report, error) {
	report, err := engine.Extract(ctx, src, fromParams(p), x.Limits,
		func(e engine.Progress) {
			if onProgress != nil {
				onProgress(toAdvance(e))
			}
		},
		func(img engine.Image) error { return emit(toImage(img)) })
	return toReport(report), err
}

func fromParams(p domain.Params) engine.Params {
	out := engine.Params{
		FPS: p.FPS, Every: p.Every, Times: p.Times, Keyframes: p.Keyframes, Scene: p.Scene,
		Format: engine.JPEG, Quality: p.Quality, Start: p.Start, End: p.End, MaxFrames: p.MaxFrames,
		Width: p.Width, Height: p.Height, Dedupe: p.Dedupe, Thumb: p.Thumb, NoTone: p.NoTone, Threads: p.Threads,
		From: p.From, To: p.To,
	}
	switch p.Extension {
	case engine.PNG:
		out.Format, out.Quality = engine.PNG, 0
	case engine.WebP, engine.AVIF:
		out.Format = p.Extension
	}
	if p.Crop != nil {
		out.Crop = &engine.Rect{X: p.Crop.X, Y: p.Crop.Y, W: p.Crop.W, H: p.Crop.H}
	}
	return out
}

func toInfo(i engine.Info) domain.Info {
	return domain.Info{
		Container: i.Container, Codec: i.Codec, Width: i.Width, Height: i.Height, Rotation: i.Rotation, PixFmt: i.PixFmt,
		FrameRate: i.FrameRate, Duration: i.Duration, Bitrate: i.Bitrate, HasAudio: i.HasAudio, CreatedAt: i.CreatedAt,
		SampleAspect: i.SampleAspect,
	}
}

func toAdvance(p engine.Progress) domain.Advance {
	return domain.Advance{Done: p.Done, Frames: p.Frames, Total: p.Total, Time: p.Time, Elapsed: p.Elapsed}
}

func toImage(i engine.Image) domain.Image {
	return domain.Image{
		Index: i.Index, Instant: i.Instant, PTS: i.PTS, Frame: i.Frame, Type: i.Type, Width: i.Width, Height: i.Height, Data: i.Data,
		Thumb: i.Thumb, ThumbWidth: i.ThumbWidth, ThumbHeight: i.ThumbHeight,
	}
}

func toReport(r engine.Report) domain.Report {
	out := domain.Report{
		Info: toInfo(r.Info), Frames: r.Frames, Truncated: r.Truncated, DamagedAt: r.DamagedAt, Reason: r.Reason,
		Drops: r.Drops, Toned: r.Toned, Decoded: r.Decoded, Packets: r.Packets,
	}
	for _, d := range r.Dropped {
		out.Dropped = append(out.Dropped, domain.Drop(d))
	}
	return out
}
