package cmd

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fiapx/fiapx/modules/processing"
)

// extractView tells whoever watches how one extraction goes.
type extractView interface {
	progress(p processing.Progress)
	image(name string, img processing.Image)
	end()                   // the extraction is over, well or not
	failed(err error) error // what is left to be said
	done(out processing.Outcome) error
}

func (c *console) view(t task, quiet bool) extractView {
	if c.json {
		return &jsonView{console: c, task: t}
	}
	v := &textView{console: c, task: t, quiet: quiet, bar: &meter{}}
	if !quiet {
		v.bar = c.meter(permille, "starting")
	}
	return v
}

const permille = 1000

// textView is for people.
type textView struct {
	*console
	task  task
	quiet bool
	bar   *meter
}

func (v *textView) progress(p processing.Progress) {
	v.bar.describe(plural(p.Frames, "frame") + ", " + left(p))
	v.bar.set(int64(min(1, max(0, p.Done)) * permille))
}

// left is the time that remains if all goes on as it went.
func left(p processing.Progress) string {
	if p.Done <= 0 {
		return "starting"
	}
	seconds := p.Elapsed.Seconds() * (1 - min(1, p.Done)) / p.Done
	return time.Duration(seconds*float64(time.Second)).Round(time.Second).String() + " left"
}

func (v *textView) image(string, processing.Image) {}

func (v *textView) end() { v.bar.end() }

func (v *textView) failed(err error) error { return err }

func (v *textView) done(out processing.Outcome) error {
	if !v.quiet {
		w := v.out
		if v.task.out == "-" {
			w = v.err // standard output is the archive
		}
		dropped := ""
		if n := out.Report.Drops; n > 0 {
			dropped = ", " + plural(n, "near-duplicate") + " left out"
		}
		fmt.Fprintf(w, "%s: %s, %s%s\n", v.task.out, plural(out.Archive.Frames, "frame"), size(out.Archive.Size), dropped)
	}
	why := incomplete(out)
	if why == "" {
		return nil
	}
	fmt.Fprintf(v.err, "fiapx: %s: %s\n", v.task.video, why)
	return &codeError{code: exitPartial}
}

// incomplete says what is missing; empty when nothing is.
func incomplete(out processing.Outcome) string {
	switch {
	case out.Report.DamagedAt != nil:
		reason := out.Report.Reason
		if reason == "" {
			reason = "the video is damaged"
		}
		return fmt.Sprintf("the frames end at %.3f s: %s", *out.Report.DamagedAt, reason)
	case out.Cut:
		return "the limit on images cut the result (FIAPX_LIMIT_FRAMES); extract a shorter part or fewer images per second"
	}
	return ""
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// size writes bytes as people read them.
func size(n int64) string {
	value, unit := float64(n), 0
	for ; value >= 1000 && unit < 4; unit++ {
		value /= 1000
	}
	if unit == 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGT"[unit-1])
}

// jsonView is for programs: one event a line.
type jsonView struct {
	*console
	task task
}

func (v *jsonView) event(name string, fields map[string]any) {
	fields["event"], fields["video"] = name, v.task.video
	writeJSON(v.out, fields)
}

func (v *jsonView) progress(p processing.Progress) {
	v.event("progress", map[string]any{
		"done": p.Done, "frames": p.Frames, "total": p.Total, "time": p.Time, "elapsed": p.Elapsed.Seconds(),
	})
}

func (v *jsonView) image(name string, img processing.Image) {
	v.event("frame", map[string]any{
		"name": name, "instant": img.Instant, "pts": img.PTS, "type": img.Type,
		"width": img.Width, "height": img.Height, "size": len(img.Data),
	})
}

func (v *jsonView) end() {}

func (v *jsonView) failed(err error) error {
	v.event("error", map[string]any{"code": errorCode(err), "message": sentence(err), "exit_code": exitCode(err)})
	return &codeError{code: exitCode(err)}
}

func (v *jsonView) done(out processing.Outcome) error {
	fields := map[string]any{
		"output": v.task.out, "frames": out.Archive.Frames, "size": out.Archive.Size, "truncated": out.Report.Truncated,
		"damaged_input_at": out.Report.DamagedAt, "duration": out.Report.Info.Duration,
		"dropped": out.Report.Drops, "tone_mapped": out.Report.Toned,
		"width": out.Report.Info.Width, "height": out.Report.Info.Height, "codec": out.Report.Info.Codec,
	}
	if out.Archive.SHA256 != "" {
		fields["sha256"] = out.Archive.SHA256
	}
	why := incomplete(out)
	if why != "" {
		fields["warning"] = why
	}
	v.event("done", fields)
	if why != "" {
		return &codeError{code: exitPartial}
	}
	return nil
}
