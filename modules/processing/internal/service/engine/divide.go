//go:build cgo

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// Divide tells how Extract with the same arguments can be done in parts whose images together are those of the whole. A film
// that might not come out the same in parts is not divided: one that is damaged, whose index is doubtful, or whose pictures
// are chosen by comparing them. Errors as of Extract.
func Divide(ctx context.Context, src Source, p Params, lim Limits, s Share) (Division, error) {
	lim = lim.withDefaults()
	ctx, cancel := context.WithTimeoutCause(ctx, lim.Probe, ErrTime)
	defer cancel()
	var out Division
	err := withChild(ctx, src, request{Divide: &s, Params: p, Limits: lim}, func(kind byte, head, _ []byte) (bool, error) {
		if kind != recordDivision {
			return false, fmt.Errorf("unexpected record %q", kind)
		}
		return true, json.Unmarshal(head, &out)
	})
	return out, err
}

func divideLocal(ctx context.Context, src source, p Params, lim Limits, s Share) (Division, error) {
	in, err := openInput(src, lim)
	if err != nil {
		return Division{}, err
	}
	defer in.close()
	x := newExtraction(in, p, lim)
	x.skimFrom = skimPlans
	out := Division{Info: x.stream.info}
	if err := p.Crop.within(x.stream.info); err != nil {
		return out, err
	}
	if p.Scene > 0 || p.Dedupe > 0 || !x.stream.independentGOPs() {
		return out, nil
	}
	idx, sound := x.survey(ctx)
	if !sound {
		return out, nil
	}
	x.grid = newGrid(x.params, x.stream.timeBase, idx.origin())
	wanted := x.wanted(idx)
	out.Frames = x.total
	var pieces []piece
	for _, r := range plan(idx, wanted) {
		p := piece{first: r.targets[0].first}
		for _, t := range r.targets {
			if t.last-t.first >= lim.Repeats {
				return out, nil
			}
			p.first, p.last = min(p.first, t.first), max(p.last, t.last)
		}
		p.work = x.work(p.last-p.first+1, r.cost)
		out.Work += p.work
		pieces = append(pieces, p)
	}
	out.Cuts = cuts(pieces, s)
	return out, nil
}

// survey lists the film's packets; sound tells that they are all there and leave no doubt about which picture is which.
func (x *extraction) survey(ctx context.Context) (idx *index, sound bool) {
	if idx = x.skim(ctx); idx != nil {
		return idx, true
	}
	packets, broken := scan(ctx, x.in)
	if broken != nil || ctx.Err() != nil {
		return nil, false
	}
	idx, ok := newIndex(packets, noPTS, x.stream.interval())
	if ok && x.in.cutShort(x.stream, idx.end-idx.origin()) {
		broken = io.ErrUnexpectedEOF
	}
	return idx, ok && broken == nil
}
