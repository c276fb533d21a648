//go:build cgo

package engine

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// errUnsure says that a stretch did not come out as the index promised; the plain way takes over from there.
var errUnsure = errors.New("engine: decoding did not match the index")

// smart extracts by plan: runs are decoded apart from each other on several decoders, in order of their instants.
type smart struct {
	stream  *stream
	index   *index
	grid    grid
	runs    []run
	cores   int
	taken   atomic.Int64
	decoded atomic.Int64
}

// feed works through the runs on as many decoders as there are cores, each with the file open for itself.
func (s *smart) feed(p *pipeline, file *input) error {
	n := min(s.cores, len(s.runs))
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for range n {
		wg.Go(func() {
			if err := s.work(p, file); err != nil {
				p.fail(err) // at once, so that the other decoders stop
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// work takes runs until none is left.
func (s *smart) work(p *pipeline, file *input) (err error) {
	w := &worker{smart: s, file: file, out: p}
	defer w.close()
	if w.in, err = file.again(s.stream); err != nil {
		return errUnsure
	}
	for {
		at := int(s.taken.Add(1)) - 1
		if at >= len(s.runs) {
			return nil
		}
		if err := w.do(at); err != nil {
			return err
		}
	}
}

// worker decodes one run at a time, from its own place in the file.
type worker struct {
	smart    *smart
	file, in *input
	dec      *decoder
	out      *pipeline
}

func (w *worker) close() {
	w.dec.close()
	w.in.close()
}

func (w *worker) do(at int) error {
	r := w.smart.runs[at]
	if err := w.ready(at >= len(w.smart.runs)-w.smart.cores); err != nil {
		return err
	}
	if err := w.moveTo(r.from); err != nil {
		return err
	}
	defer func() { w.dec.flush() }()
	return (&walk{smart: w.smart, run: r, in: w.in, dec: w.dec, out: w.out}).decode()
}

// ready sees to a decoder. It has one thread, which costs least, but for the last runs: the cores that find no run any
// more must have something to do.
func (w *worker) ready(last bool) (err error) {
	threads := 1
	if last {
		threads = w.smart.cores
	}
	if w.dec != nil && threads == 1 {
		return nil
	}
	w.dec.close()
	w.dec, err = w.in.decoder(threads)
	return err
}

// moveTo makes packet at the next one that the worker reads. It seeks where the container's index is dependable and
// checks where it landed by the packets themselves. The way is backwards where the run before went on into this one's
// group, for pictures that are shown before its key picture.
func (w *worker) moveTo(at int) error {
	const near = 64 // packets that are cheaper read than sought
	switch back := at < w.in.next; {
	case w.smart.stream.seekBy != seekNot && (back || at-w.in.next > near):
		if err := w.smart.seek(w.in, at); err != nil {
			return err
		}
	case back:
		in, err := w.file.again(w.smart.stream)
		if err != nil {
			return errUnsure
		}
		w.in.close()
		w.in = in
	}
	for w.in.next < at {
		if e, err := w.in.read(); err != nil || !e.same(w.smart.index.packets[w.in.next-1]) {
			return errUnsure
		}
	}
	return nil
}

// seek lands on packet at or before it; which one it is shows by reading it.
func (s *smart) seek(in *input, at int) error {
	ts := s.index.packets[at].dts
	if s.stream.seekBy == seekByPTS {
		ts = s.index.packets[at].pts
	}
	if err := in.seek(ts); err != nil {
		return errUnsure
	}
	e, err := in.read()
	if err != nil {
		return errUnsure
	}
	landed := at
	for landed >= 0 && !e.same(s.index.packets[landed]) {
		landed--
	}
	if landed < 0 {
		return errUnsure
	}
	in.next = landed + 1
	if landed == at { // it is in hand already; the same seek, now known to be right, puts it back
		in.next = at
		return in.seek(ts)
	}
	return nil
}

// walk is one run on one decoder.
type walk struct {
	smart *smart
	run   run
	in    *input
	dec   *decoder
	out   *pipeline
	want  map[int64]target // by pts, what has not come out yet
}

func (w *walk) decode() error {
	w.want = make(map[int64]target, len(w.run.targets))
	for _, t := range w.run.targets {
		w.want[w.smart.index.packets[t.packet].pts] = t
	}
	skips := w.smart.stream.decoderSkips()
	for i := w.run.from; i <= w.run.to; i++ {
		e, err := w.in.read()
		if err != nil || !e.same(w.smart.index.packets[i]) || i == w.run.from && !e.has(flagEntry) {
			return errUnsure
		}
		_, wanted := w.want[e.pts]
		if !wanted && w.smart.index.skippable(e, w.smart.stream.layered()) {
			continue
		}
		if err := w.send(wanted || !skips); err != nil {
			return err
		}
	}
	w.dec.drain()
	if err := w.receive(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(w.want) > 0 {
		return errUnsure
	}
	return nil
}

func (w *walk) send(keepNonref bool) error {
	w.smart.decoded.Add(1)
	for {
		err := w.dec.send(w.in, keepNonref)
		if err == nil {
			return w.receive()
		}
		if !errors.Is(err, errAgain) {
			return unlessFatal(err)
		}
		if err := w.receive(); err != nil {
			return err
		}
	}
}

// receive takes the frames that are ready and submits the wanted ones.
func (w *walk) receive() error {
	for {
		f, err := w.dec.receive()
		if errors.Is(err, errAgain) || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unlessFatal(err)
		}
		t, wanted := w.want[f.rawPTS]
		if !wanted {
			f.free()
			continue
		}
		if f.bad {
			f.free()
			return errUnsure
		}
		delete(w.want, f.rawPTS)
		err = w.out.submit(shot{frame: f, number: t.frame, first: t.first, last: t.last, time: w.smart.grid.seconds(f.rawPTS), kind: f.kind})
		if err != nil {
			return err
		}
	}
}

// unlessFatal turns a decoding error into doubt, unless no other way could do better.
func unlessFatal(err error) error {
	if errors.Is(err, ErrMemory) {
		return err
	}
	return errUnsure
}
