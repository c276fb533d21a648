//go:build cgo

package engine

import (
	"cmp"
	"context"
	"math/bits"
	"sync"
	"time"
)

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
			pr := Progress{Frames: next - x.params.From, Total: x.total, Time: x.reached.load(), Elapsed: time.Since(x.began)}
			if x.total > 0 {
				pr.Done = min(1, float64(made)/float64(x.total))
			}
			x.to.progress(pr)
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
		err := x.to.image(Image{
			Index: x.params.From + x.out.Frames, Instant: instant, PTS: f.time, Frame: f.number, Type: f.kind,
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

// quality in the encoder's own terms: JPEG's quantiser scale 31..2 for 1..100, linearly; WebP and AVIF take ours.
func (x *extraction) quality() int {
	q := cmp.Or(x.params.Quality, 95)
	if x.params.Format == JPEG {
		return 31 - ((q-1)*29+49)/99
	}
	return q
}
