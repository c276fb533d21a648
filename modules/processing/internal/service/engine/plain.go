//go:build cgo

package engine

import (
	"errors"
	"io"
	"math"
)

// plain decodes everything in order and applies the sampling rule to what comes out. It is what the plan must equal,
// and what is left where the plan cannot be trusted.
type plain struct {
	params  Params
	stream  *stream
	threads int
	from    int // first instant that is still wanted

	grid    grid
	picker  *picker // nil when instants are asked for
	scenes  *sceneDetector
	begun   bool
	at      int // next instant
	number  int // of held
	held    *frame
	heldPTS int64
	end     int64
	decoded int
	broken  error // what ended the input before its end
	cut     bool
}

// errEnough ends the decoding early: every instant that is asked for is answered.
var errEnough = errors.New("engine: enough")

func (w *plain) feed(p *pipeline, in *input) error {
	d, err := in.decoder(w.threads)
	if err != nil {
		return err
	}
	defer d.close()
	defer func() { w.held.free() }()
	if w.params.Scene > 0 {
		w.scenes = &sceneDetector{threshold: w.params.Scene}
		defer w.scenes.light.close()
	}
	err = w.readAll(p, in, d)
	if errors.Is(err, errEnough) {
		return nil
	}
	if err != nil {
		return err
	}
	return w.finish(p)
}

func (w *plain) readAll(p *pipeline, in *input, d *decoder) error {
	for {
		_, err := in.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			w.broken = err
			break
		}
		w.decoded++
		if err := w.send(p, in, d); err != nil {
			return err
		}
	}
	d.drain()
	return w.receive(p, d)
}

func (w *plain) send(p *pipeline, in *input, d *decoder) error {
	for {
		err := d.send(in, true)
		if errors.Is(err, errAgain) {
			if err := w.receive(p, d); err != nil {
				return err
			}
			continue
		}
		if errors.Is(err, ErrMemory) {
			return err
		}
		return w.receive(p, d) // a packet that does not decode is passed over, as a player does
	}
}

func (w *plain) receive(p *pipeline, d *decoder) error {
	for {
		f, err := d.receive()
		if errors.Is(err, errAgain) || errors.Is(err, io.EOF) {
			return nil
		}
		if errors.Is(err, ErrMemory) {
			return err
		}
		if err != nil {
			continue
		}
		if err := w.take(p, f); err != nil {
			return err
		}
	}
}

// take gets the next frame in order: the one before it answers every instant up to this one's time.
func (w *plain) take(p *pipeline, f *frame) error {
	pts := f.pts
	if pts == noPTS {
		pts = w.end
	}
	if !w.begun {
		w.begun = true
		w.grid = newGrid(w.params, w.stream.timeBase, pts)
		w.picker = newPicker(w.params, w.grid)
	} else if err := w.emit(p, pts); err != nil {
		f.free()
		return err
	}
	w.held.free()
	w.held, w.heldPTS = f, max(pts, w.heldPTS)
	if w.number == 0 {
		w.heldPTS = pts
	}
	w.number++
	w.end = w.heldPTS + w.interval(f)
	return w.pick(p)
}

// pick submits the held frame when it is one that is asked for.
func (w *plain) pick(p *pipeline) error {
	if w.picker == nil {
		return nil
	}
	mark := w.held.key
	if w.scenes != nil {
		var err error
		if mark, err = w.scenes.begins(w.held); err != nil {
			return err
		}
	}
	wanted, done := w.picker.pick(w.heldPTS, mark)
	if done {
		return errEnough
	}
	if !wanted {
		return nil
	}
	w.at++
	return w.show(p, w.at-1, w.at)
}

func (w *plain) interval(f *frame) int64 {
	if f.duration > 0 {
		return f.duration
	}
	return w.stream.interval()
}

// emit submits the held frame for the instants before pts.
func (w *plain) emit(p *pipeline, before int64) error {
	if w.picker != nil {
		return nil
	}
	n, cut := w.grid.count(math.MaxInt64 / 4)
	first := w.at
	for w.at < n && w.grid.last(w.at) < before {
		w.at++
	}
	err := w.show(p, first, w.at)
	if err == nil && w.at >= n {
		w.cut = cut
		return errEnough
	}
	return err
}

// finish answers the instants up to the end of the film with the last frame.
func (w *plain) finish(p *pipeline) error {
	if !w.begun {
		return ErrNoFrames.Because(w.broken)
	}
	if w.picker != nil {
		return nil
	}
	n, cut := w.grid.count(w.end)
	w.cut = cut
	if n <= w.at {
		return nil
	}
	return w.show(p, w.at, n)
}

// show submits the held frame for the instants first..end-1, as far as they were not handed over before.
func (w *plain) show(p *pipeline, first, end int) error {
	first = max(first, w.from)
	if first >= end {
		return nil
	}
	f, err := w.held.clone()
	if err != nil {
		return err
	}
	return p.submit(shot{frame: f, number: w.number - 1, first: first, last: end - 1, time: w.grid.seconds(w.heldPTS), kind: w.held.kind})
}
