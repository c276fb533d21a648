package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/fiapx/fiapx/modules/processing"
)

// planOne tells what one extraction would do.
func (c *console) planOne(ctx context.Context, cfg processing.Config, p processing.Params, t task) error {
	view := c.view(t, true)
	planned, err := plan(ctx, cfg, p, t)
	view.end()
	if err != nil {
		return view.failed(judged(err))
	}
	if c.json {
		c.planEvent(planned, t)
		return nil
	}
	fmt.Fprintf(c.out, "%s: %s\n", t.video, planText(planned, p))
	return nil
}

func plan(ctx context.Context, cfg processing.Config, p processing.Params, t task) (processing.Planned, error) {
	src, err := openSource(t.video)
	if err != nil {
		return processing.Planned{}, err
	}
	defer func() { _ = src.Close() }()
	planned, err := processing.Plan(ctx, cfg, src, p)
	if p.Scene > 0 {
		planned.Instants = []float64{} // the index has candidates only; where scenes begin is known once they are decoded
	}
	return planned, err
}

// planText is for people: what they get, how much that is, and what it costs.
func planText(plan processing.Planned, p processing.Params) string {
	var b strings.Builder
	switch {
	case p.Scene > 0:
		b.WriteString("perhaps ")
	case !plan.Exact:
		b.WriteString("at most ")
	}
	b.WriteString(plural(plan.Frames, "frame"))
	if n := len(plan.Instants); n > 0 {
		fmt.Fprintf(&b, " from %s", timecode(plan.Instants[0]))
		if last, ok := lastInstant(plan, p); ok && plan.Frames > 1 {
			fmt.Fprintf(&b, " to %s", timecode(last))
		}
	}
	fmt.Fprintf(&b, ", about %s, about %s (%d of %d packets to decode)",
		size(plan.Bytes), duration(plan.Seconds), plan.Decode, plan.Packets)
	if plan.CutByLimit(p) {
		b.WriteString("; the limit on images cuts it (FIAPX_LIMIT_FRAMES)")
	}
	return b.String()
}

// lastInstant is known from the list, or, when that is too short, from the rate.
func lastInstant(plan processing.Planned, p processing.Params) (seconds float64, ok bool) {
	n := len(plan.Instants)
	if n == plan.Frames {
		return plan.Instants[n-1], true
	}
	return p.Start + float64(plan.Frames-1)/p.FPS, p.FPS > 0
}

func timecode(seconds float64) string {
	ms := int64(seconds*1000 + 0.5)
	return fmt.Sprintf("%d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

// duration writes an estimate no more exactly than it is.
func duration(seconds float64) string {
	switch {
	case seconds < 1:
		return "1 s"
	case seconds < 90:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 90*60:
		return fmt.Sprintf("%.0f min", seconds/60)
	}
	return fmt.Sprintf("%.1f h", seconds/3600)
}

// planEvent is for programs.
func (c *console) planEvent(plan processing.Planned, t task) {
	i := plan.Info
	writeJSON(c.out, map[string]any{
		"event": "plan", "video": t.video, "frames": plan.Frames, "exact": plan.Exact, "truncated": plan.Truncated,
		"instants": plan.Instants, "packets": plan.Packets, "decode": plan.Decode, "bytes": plan.Bytes, "seconds": plan.Seconds,
		"info": map[string]any{
			"container": i.Container, "codec": i.Codec, "width": i.Width, "height": i.Height, "rotation": i.Rotation,
			"pix_fmt": i.PixFmt, "frame_rate": i.FrameRate, "duration": i.Duration, "bitrate": i.Bitrate,
			"has_audio": i.HasAudio, "created_at": i.CreatedAt, "sample_aspect_ratio": i.SampleAspect,
		},
	})
}
