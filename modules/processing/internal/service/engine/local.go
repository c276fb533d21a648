//go:build cgo

package engine

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"sync/atomic"
	"time"
)

// extraction is one extraction inside the child process.
type extraction struct {
	params   Params
	lim      Limits
	to       receiver
	began    time.Time
	in       *input
	stream   *stream
	threads  int
	out      Report
	total    int
	grid     grid
	reached  seconds // of film, for progress
	skimFrom int64   // bytes: a local file from this size on is listed by its index alone; it is worth it for plans only
	kept     uint64  // hash of the last image kept
}

// seconds is a float64 that one goroutine stores and another loads.
type seconds struct{ bits atomic.Uint64 }

func (s *seconds) store(x float64) { s.bits.Store(math.Float64bits(x)) }
func (s *seconds) load() float64   { return math.Float64frombits(s.bits.Load()) }

// receiver is where an extraction's results go.
type receiver interface {
	info(i Info) error // first
	image(i Image) error
	progress(p Progress) // from another goroutine
}

// extractLocal does the work of Extract in this very process, on an open descriptor.
func extractLocal(ctx context.Context, src source, p Params, lim Limits, to receiver) (Report, error) {
	in, err := openInput(src, lim)
	if err != nil {
		return Report{}, err
	}
	defer in.close()
	x := newExtraction(in, p, lim)
	x.to = to
	if err := p.Crop.within(x.out.Info); err != nil {
		return x.out, err
	}
	if err := to.info(x.out.Info); err != nil {
		return x.out, err
	}
	err = x.extract(ctx)
	if errors.Is(err, ErrTimeline) && x.out.Frames > 0 && p.To == 0 { // what came before the leap is good
		at := x.reached.load()
		x.out.DamagedAt, x.out.Reason, err = &at, "The film's time stamps leap beyond this point.", nil
	}
	return x.out, err
}

func newExtraction(in *input, p Params, lim Limits) *extraction {
	x := &extraction{params: p, lim: lim, began: time.Now(), in: in, stream: in.describe(), threads: p.Threads, skimFrom: math.MaxInt64}
	if x.threads <= 0 {
		x.threads = runtime.GOMAXPROCS(0)
	}
	in.turn = newTurns(x.threads)
	if p.To > 0 {
		x.skimFrom = skimPlans // each part would read the whole file otherwise
	}
	if lim.Frames > 0 && (p.MaxFrames == 0 || p.MaxFrames > lim.Frames) {
		x.params.MaxFrames = lim.Frames
	}
	x.out.Info = x.stream.info
	return x
}

// extract tries the ways to work from the cheapest to the one that always works; each goes on where the one before it was
// no longer sure.
func (x *extraction) extract(ctx context.Context) error {
	next := x.params.From
	if idx := x.skim(ctx); idx != nil && x.params.Scene == 0 && x.stream.independentGOPs() {
		var err error
		if next, err = x.smart(ctx, idx, next); !errors.Is(err, errUnsure) {
			return err
		}
	}
	packets, broken := scan(ctx, x.in)
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if errors.Is(broken, ErrPackets) {
		return broken
	}
	x.out.Packets = len(packets)
	idx, ok := newIndex(packets, noPTS, x.stream.interval())
	if ok && broken == nil && x.in.cutShort(x.stream, idx.end-idx.origin()) {
		broken = io.ErrUnexpectedEOF
	}
	if ok && broken == nil && x.params.Scene == 0 && x.stream.independentGOPs() {
		var err error
		if next, err = x.smart(ctx, idx, next); !errors.Is(err, errUnsure) {
			return err
		}
	}
	if x.params.To > 0 {
		return ErrWhole
	}
	return x.plain(ctx, next)
}

// skim lists the packets by the container's own index, without reading them, where that saves much: when every byte
// comes from afar, or for a plan of a large file. It is nil where there is no complete index. What only the packets'
// content tells is assumed to be as usual, and checked when a packet is decoded.
func (x *extraction) skim(ctx context.Context) *index {
	n := x.in.indexed()
	if n == 0 || n > x.lim.Packets || !x.in.src.remote && x.in.src.size < x.skimFrom {
		return nil
	}
	in, err := x.in.again(x.stream)
	if err != nil {
		return nil
	}
	defer in.close()
	in.hollow()
	packets, broken := scan(ctx, in)
	if broken != nil || len(packets) == 0 || len(packets) > n || in.cutShort(x.stream, 0) {
		return nil
	}
	for i, e := range packets {
		if e.has(flagKey) {
			packets[i].flags |= flagEntry
		}
	}
	idx, ok := newIndex(packets, noPTS, x.stream.interval())
	if !ok {
		return nil
	}
	idx.skimmed = true
	x.out.Packets = len(packets)
	return idx
}

// scan reads every packet of the stream. broken is what ended the file before its end, nil at its proper end.
func scan(ctx context.Context, in *input) (packets []entry, broken error) {
	for ctx.Err() == nil {
		if len(packets) > in.lim.Packets {
			return nil, ErrPackets
		}
		e, err := in.read()
		if errors.Is(err, io.EOF) {
			return packets, nil
		}
		if err != nil {
			return packets, err
		}
		packets = append(packets, e)
	}
	return packets, nil
}

// smart extracts by plan. errUnsure tells that it stopped at instant next because it could not be sure.
func (x *extraction) smart(ctx context.Context, idx *index, from int) (next int, err error) {
	x.grid = newGrid(x.params, x.stream.timeBase, idx.origin())
	wanted := x.wanted(idx)
	if len(wanted) == 0 {
		return 0, ErrStartBeyondEnd
	}
	to := x.total
	if x.params.To > 0 {
		if to = x.params.To; to > x.total {
			return from, ErrWhole
		}
		x.total = to - x.params.From
	}
	s := &smart{stream: x.stream, index: idx, grid: x.grid, runs: plan(idx, clip(wanted, from, to)), cores: x.threads}
	next, err = x.run(ctx, from, func(p *pipeline) error { return s.feed(p, x.in) })
	x.out.Decoded += int(s.decoded.Load())
	return next, err
}

// clip keeps of the pictures what makes the images from..to-1.
func clip(wanted []target, from, to int) []target {
	var out []target
	for _, t := range wanted {
		if t.last < from || t.first >= to {
			continue
		}
		t.first, t.last = max(t.first, from), min(t.last, to-1)
		out = append(out, t)
	}
	return out
}

// wanted lists the pictures that are asked for.
func (x *extraction) wanted(idx *index) (out []target) {
	if c := newPicker(x.params, x.grid); c != nil {
		out = picked(idx, c)
		x.total, x.out.Truncated = len(out), c.cut
		return out
	}
	x.total, x.out.Truncated = x.grid.count(idx.end)
	return targets(idx, x.grid, x.total)
}

// plain extracts by decoding everything, from instant next on.
func (x *extraction) plain(ctx context.Context, next int) error {
	in, err := openInput(x.in.src, x.lim)
	if err != nil {
		return err
	}
	defer in.close()
	in.turn = x.in.turn
	w := &plain{params: x.params, stream: x.stream, threads: x.threads, from: next}
	x.grid = newGrid(x.params, x.stream.timeBase, 0)
	if x.total == 0 && x.params.FPS > 0 {
		x.total, _ = x.grid.count(x.stream.duration)
	}
	_, err = x.run(ctx, next, func(p *pipeline) error { return w.feed(p, in) })
	x.out.Decoded += w.decoded
	x.out.Truncated = w.cut || w.picker != nil && w.picker.cut
	if err != nil {
		return err
	}
	if w.broken == nil && in.cutShort(x.stream, w.end-w.grid.origin) {
		w.broken = io.ErrUnexpectedEOF
	}
	if w.broken != nil {
		at := w.grid.seconds(w.end)
		x.out.DamagedAt, x.out.Reason = &at, "The file could not be read beyond this point; it is incomplete or damaged."
	}
	if x.out.Frames == 0 {
		return ErrStartBeyondEnd
	}
	return nil
}
