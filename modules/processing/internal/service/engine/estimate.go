//go:build cgo

package engine

import (
	"context"
	"errors"
	"io"
	"runtime"
)

// maxInstants bounds the list in a plan.
const maxInstants = 10_000

// skimPlans is the size in bytes from which reading a file takes noticeably longer than a plan should.
const skimPlans = 256 << 20

// planLocal tells what an extraction would do, without decoding anything beyond what opening the file takes.
func planLocal(ctx context.Context, src source, p Params, lim Limits) (Planned, error) {
	in, err := openInput(src, lim)
	if err != nil {
		return Planned{}, err
	}
	defer in.close()
	x := newExtraction(in, p, lim)
	if err := p.Crop.within(x.stream.info); err != nil {
		return Planned{}, err
	}
	x.skimFrom = skimPlans
	idx := x.skim(ctx)
	ok := idx != nil
	if idx == nil {
		packets, broken := scan(ctx, in)
		if errors.Is(broken, ErrPackets) {
			return Planned{}, broken
		}
		idx, ok = newIndex(packets, noPTS, x.stream.interval())
		ok = ok && broken == nil
	}
	ok = ok && x.stream.independentGOPs()
	n := len(idx.packets)
	out := Planned{Info: x.stream.info, Packets: n, Decode: n, Exact: ok && p.Scene == 0 && p.Dedupe == 0}
	if len(idx.shown) == 0 {
		return out, ErrNoFrames.Because(io.ErrUnexpectedEOF)
	}
	x.grid = newGrid(x.params, x.stream.timeBase, idx.origin())
	wanted := x.wanted(idx)
	if len(wanted) == 0 && p.Scene == 0 {
		return out, ErrStartBeyondEnd
	}
	out.Frames, out.Truncated = x.total, x.out.Truncated
	for _, t := range wanted {
		for k := t.first; k <= t.last && len(out.Instants) < maxInstants; k++ {
			out.Instants = append(out.Instants, x.instantOf(idx, t, k))
		}
	}
	if ok && p.Scene == 0 {
		out.Decode = 0
		for _, r := range plan(idx, wanted) {
			out.Decode += r.cost
		}
	}
	out.Bytes, out.Seconds = x.estimate(idx, out.Frames, out.Decode)
	return out, nil
}

func (x *extraction) instantOf(idx *index, t target, k int) float64 {
	if x.params.byFrame() {
		return x.grid.seconds(idx.packets[t.packet].pts)
	}
	return x.grid.instant(k)
}

// What a picture costs on one core of a server of 2024, in seconds per megapixel: decoding a packet, making an image.
// Rough by nature; docs/engine-bench.md has measurements.
const (
	decodeCost = 0.0033
	startCost  = 0.2
)

var imageCost = map[string]float64{PNG: 0.009, JPEG: 0.003, WebP: 0.08, AVIF: 0.3}

// work is what decoding and making images takes on one core, in seconds.
func (x *extraction) work(frames, decode int) float64 {
	w, h := x.size()
	coded := float64(x.stream.codedW * x.stream.codedH)
	return float64(decode)*decodeCost*coded/1e6 + float64(frames)*imageCost[x.params.Format]*float64(w*h)/1e6
}

// estimate gives bytes and seconds. A keyframe's size says how much detail the pictures hold, and so what they take as
// images, within what such files usually take a pixel.
func (x *extraction) estimate(idx *index, frames, decode int) (int64, float64) {
	w, h := x.size()
	coded, out := float64(x.stream.codedW*x.stream.codedH), float64(w*h)
	keys, total := 0, 0.0
	for _, e := range idx.packets {
		if e.has(flagKey) {
			keys, total = keys+1, total+float64(e.size)
		}
	}
	detail := total / float64(max(1, keys)) / max(1, coded) // bytes of a keyframe per pixel
	each := out * min(max(8*detail, 0.1), 2.4)
	if x.params.Format != PNG {
		quality := float64(x.params.Quality) / 100
		if x.params.Quality == 0 {
			quality = 0.95
		}
		each = out * min(max(1.6*detail*(0.2+quality*quality), 0.02), 0.8)
	}
	return int64(float64(frames) * each), startCost + x.work(frames, decode)/float64(max(1, min(x.threads, runtime.GOMAXPROCS(0))))
}
