//go:build cgo

package engine

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// extraction is one extraction inside the child process.
type extraction struct {
	params   Params
	lim      Limits
	sink     func(Image) error
	report   func(Progress)
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

// extractLocal does the work of Extract in this very process, on an open descriptor.
func extractLocal(ctx context.Context, src source, p Params, lim Limits, report func(Progress), sink func(Image) error) (Report, error) {
	in, err := openInput(src, lim)
	if err != nil {
		return Report{}, err
	}
	defer in.close()
	x := newExtraction(in, p, lim)
	x.sink, x.report = sink, report
	if err := p.Crop.within(x.out.Info); err != nil {
		return x.out, err
	}
	err = x.extract(ctx)
	if errors.Is(err, ErrTimeline) && x.out.Frames > 0 { // what came before the leap is good
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
	if lim.Frames > 0 && (p.MaxFrames == 0 || p.MaxFrames > lim.Frames) {
		x.params.MaxFrames = lim.Frames
	}
	x.out.Info = x.stream.info
	return x
}

// extract tries the ways to work from the cheapest to the one that always works; each goes on where the one before it was
// no longer sure.
func (x *extraction) extract(ctx context.Context) error {
	next := 0
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
	s := &smart{stream: x.stream, index: idx, grid: x.grid, runs: plan(idx, remaining(wanted, from)), cores: x.threads}
	next, err = x.run(ctx, from, func(p *pipeline) error { return s.feed(p, x.in) })
	x.out.Decoded += int(s.decoded.Load())
	return next, err
}

// remaining leaves out what was handed over before.
func remaining(wanted []target, from int) []target {
	for len(wanted) > 0 && wanted[0].last < from {
		wanted = wanted[1:]
	}
	return wanted
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

// run lets feed submit pictures to encoders and passes the images on, with progress several times a second.
func (x *extraction) run(ctx context.Context, from int, feed func(*pipeline) error) (next int, err error) {
	width, height := x.size()
	r := recipe{
		format: x.params.Format, quality: x.quality(), width: width, height: height,
		hash: x.params.Dedupe > 0, keepHDR: x.params.NoTone,
	}
	if c := x.params.Crop; c != nil {
		r.crop = *c
	}
	if x.params.Thumb > 0 {
		r.thumbW, r.thumbH = x.params.Thumb, min(max(1, (height*x.params.Thumb+width/2)/width), 8*x.params.Thumb) // a sliver stays small
	}
	encoder := func() (*encoder, error) { return newEncoder(r, x.stream, x.in.turn) }
	done := make(chan struct{})
	var ticker sync.WaitGroup
	defer ticker.Wait()
	defer close(done)
	return runPipeline(ctx, x.threads, encoder, from, x.pass, func(p *pipeline) error {
		ticker.Go(func() { x.tick(p, done) })
		return feed(p)
	})
}

func (x *extraction) tick(p *pipeline, done <-chan struct{}) {
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-done:
			return
		case <-every.C:
			made, next := p.reached()
			pr := Progress{Frames: next, Total: x.total, Time: x.reached.load(), Elapsed: time.Since(x.began)}
			if x.total > 0 {
				pr.Done = min(1, float64(made)/float64(x.total))
			}
			x.report(pr)
		}
	}
}

// pass hands an encoded picture over, once for every instant that it answers, unless it is nearly the one before.
func (x *extraction) pass(f finished) error {
	if f.last-f.first >= x.lim.Repeats {
		return ErrTimeline
	}
	x.reached.store(f.time)
	x.out.Toned = x.out.Toned || f.picture.toned
	for k := f.first; k <= f.last; k++ {
		instant := f.time
		if !x.params.byFrame() {
			instant = x.grid.instant(k)
		}
		if x.resembles(f, instant) {
			continue
		}
		x.out.Frames++
		err := x.sink(Image{
			Index: x.out.Frames, Instant: instant, PTS: f.time, Frame: f.number, Type: f.kind,
			Width: f.picture.width, Height: f.picture.height, Data: f.picture.data,
			Thumb: f.picture.thumb, ThumbWidth: f.picture.thumbW, ThumbHeight: f.picture.thumbH,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// maxDrops bounds the list of what was left out.
const maxDrops = 10_000

// resembles tells whether the picture is left out because it is nearly the last one kept, and notes it.
func (x *extraction) resembles(f finished, instant float64) bool {
	if x.params.Dedupe <= 0 {
		return false
	}
	distance := bits.OnesCount64(f.picture.hash ^ x.kept)
	if x.out.Frames == 0 || distance > x.params.Dedupe {
		x.kept = f.picture.hash
		return false
	}
	if x.out.Drops++; len(x.out.Dropped) < maxDrops {
		x.out.Dropped = append(x.out.Dropped, Drop{Instant: instant, PTS: f.time, Like: x.out.Frames, Distance: distance})
	}
	return true
}

// size of the images: the upright picture's own, or what width and height ask for.
func (x *extraction) size() (w, h int) {
	w, h = x.stream.info.Width, x.stream.info.Height
	if c := x.params.Crop; c != nil {
		w, h = c.W, c.H
	}
	switch pw, ph := x.params.Width, x.params.Height; {
	case pw > 0 && ph > 0:
		return pw, ph
	case pw > 0:
		return pw, max(1, (h*pw+w/2)/w)
	case ph > 0:
		return max(1, (w*ph+h/2)/h), ph
	}
	return w, h
}

// quality in the encoder's own terms: JPEG's quantiser scale 31..2 for 1..100, linearly; WebP has the same scale as ours.
func (x *extraction) quality() int {
	q := cmp.Or(x.params.Quality, 95)
	if x.params.Format == JPEG {
		return 31 - ((q-1)*29+49)/99
	}
	return q
}
