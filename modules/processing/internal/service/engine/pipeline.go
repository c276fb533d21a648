//go:build cgo

package engine

import (
	"context"
	"sync"
)

// shot is a decoded picture on its way to being the images first..last.
type shot struct {
	frame       *frame
	number      int // of the source frame; -1 when not known
	first, last int
	time        float64 // seconds from the first frame
	kind        string
}

// finished is an encoded shot.
type finished struct {
	shot
	picture picture
}

// pipeline encodes pictures on its own threads and hands the images over in order. What is decoded or encoded but not
// yet handed over is bounded in bytes, except that the picture everybody waits for always passes, so it cannot lock up.
type pipeline struct {
	sink    func(finished) error
	budget  int64
	shots   chan shot
	workers sync.WaitGroup

	mu     sync.Mutex
	change sync.Cond
	next   int // first instant not handed over
	held   int64
	made   int // instants encoded, for progress
	ready  map[int]finished
	closed bool // no more shots will come
	err    error
}

const pipelineBudget = 96 << 20

// newPipeline starts n encoders made by encode. sink is called from one goroutine.
func newPipeline(n int, newEncoder func() (*encoder, error), sink func(finished) error) (*pipeline, error) {
	p := &pipeline{sink: sink, budget: pipelineBudget, shots: make(chan shot), ready: map[int]finished{}}
	p.change.L = &p.mu
	for range n {
		e, err := newEncoder()
		if err != nil {
			close(p.shots)
			p.workers.Wait()
			return nil, err
		}
		p.workers.Go(func() {
			defer e.close()
			p.encode(e)
		})
	}
	return p, nil
}

// submit gives a picture; it waits while too much is under way. The pipeline owns the frame from here on.
func (p *pipeline) submit(s shot) error {
	p.mu.Lock()
	for p.err == nil && p.held+s.frame.bytes > p.budget && s.first > p.next {
		p.change.Wait()
	}
	err := p.err
	p.held += s.frame.bytes
	p.mu.Unlock()
	if err != nil {
		s.frame.free()
		return err
	}
	p.shots <- s
	return nil
}

func (p *pipeline) encode(e *encoder) {
	for s := range p.shots {
		if p.failed() != nil {
			s.frame.free()
			continue
		}
		pic, err := e.encode(s.frame)
		raw := s.frame.bytes
		s.frame.free()
		s.frame = nil
		if err != nil {
			p.fail(err)
			continue
		}
		p.mu.Lock()
		p.held += int64(len(pic.data)) - raw
		p.made += s.last - s.first + 1
		p.ready[s.first] = finished{shot: s, picture: pic}
		p.mu.Unlock()
		p.change.Broadcast()
	}
}

// deliver hands images over until close was called and everything is out, or until something failed.
func (p *pipeline) deliver() error {
	for {
		f, ok := p.take()
		if !ok {
			return p.failed()
		}
		err := p.sink(f)
		size := int64(len(f.picture.data))
		f.picture.free()
		if err != nil {
			p.fail(err)
			continue
		}
		p.mu.Lock()
		p.held -= size
		p.next = f.last + 1
		p.mu.Unlock()
		p.change.Broadcast()
	}
}

func (p *pipeline) take() (finished, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if p.err != nil {
			return finished{}, false
		}
		if f, ok := p.ready[p.next]; ok {
			delete(p.ready, p.next)
			return f, true
		}
		if p.closed {
			return finished{}, false
		}
		p.change.Wait()
	}
}

// close says that all pictures were submitted, and waits for the encoders.
func (p *pipeline) close() {
	close(p.shots)
	p.workers.Wait()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.change.Broadcast()
}

func (p *pipeline) fail(err error) {
	p.mu.Lock()
	if p.err == nil {
		p.err = err
	}
	p.mu.Unlock()
	p.change.Broadcast()
}

func (p *pipeline) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// reached tells how many images are encoded and how many are handed over.
func (p *pipeline) reached() (made, next int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made, p.next
}

// drop frees what was encoded but never handed over.
func (p *pipeline) drop() {
	for _, f := range p.ready {
		f.picture.free()
	}
}

// runPipeline lets feed submit pictures while their images go to sink, and returns the first instant not handed over.
// A failure of feed, of an encoder, of sink or of ctx ends all of it.
func runPipeline(ctx context.Context, n int, newEncoder func() (*encoder, error), from int, sink func(finished) error, feed func(*pipeline) error) (next int, err error) {
	p, err := newPipeline(n, newEncoder, sink)
	if err != nil {
		return from, err
	}
	p.next = from
	stop := context.AfterFunc(ctx, func() { p.fail(context.Cause(ctx)) })
	defer stop()
	var feeder sync.WaitGroup
	feeder.Go(func() {
		if err := feed(p); err != nil {
			p.fail(err)
		}
		p.close()
	})
	err = p.deliver()
	feeder.Wait()
	p.drop()
	_, next = p.reached()
	return next, err
}
