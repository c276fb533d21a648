package memory

import (
	"context"
	"sync"

	"github.com/fiapx/fiapx/platform/bus"
)

// queue holds what one group has still to handle of one topic. A partition that a member works on is busy, so messages of
// one key, which share a partition, are handled one after the other.
type queue struct {
	mu      sync.Mutex
	parts   [partitions]partition
	next    int                        // where take looks first: round robin
	members map[chan struct{}]struct{} // to wake
	room    chan struct{}              // closed and replaced whenever a waiting publisher should look again
}

type partition struct {
	waiting []bus.Message
	busy    bool
}

func newQueue() *queue {
	return &queue{members: map[chan struct{}]struct{}{}, room: make(chan struct{})}
}

func (q *queue) join(wake chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.members[wake] = struct{}{}
}

func (q *queue) leave(wake chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.members, wake)
	q.wakeAll()  // whatever this member was woken for is for the others now
	q.makeRoom() // the last to leave ends the wait of publishers
}

// put waits for room until ctx ends. Without members nobody would make any: the oldest message goes then.
func (q *queue) put(ctx context.Context, m bus.Message) error {
	for {
		room, ok := q.tryPut(m)
		if ok {
			return nil
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (q *queue) tryPut(m bus.Message) (room <-chan struct{}, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p := &q.parts[partitionOf(m.Key)]
	if len(p.waiting) >= capacity {
		if len(q.members) > 0 {
			return q.room, false
		}
		p.waiting = p.waiting[1:]
	}
	p.waiting = append(p.waiting, m)
	q.wakeAll()
	return nil, true
}

// take gives the oldest message of a partition that nobody works on; call done when it has been handled.
func (q *queue) take() (m bus.Message, done func(), ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for range partitions {
		p := &q.parts[q.next]
		q.next = (q.next + 1) % partitions
		if p.busy || len(p.waiting) == 0 {
			continue
		}
		m = p.waiting[0]
		p.waiting[0] = bus.Message{} // the array lives on; what it held need not
		p.waiting = p.waiting[1:]
		p.busy = true
		q.makeRoom()
		return m, func() { q.release(p) }, true
	}
	return bus.Message{}, nil, false
}

func (q *queue) release(p *partition) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p.busy = false
	if len(p.waiting) > 0 {
		q.wakeAll()
	}
}

func (q *queue) makeRoom() {
	close(q.room)
	q.room = make(chan struct{})
}

func (q *queue) wakeAll() {
	for wake := range q.members {
		select {
		case wake <- struct{}{}:
		default: // it has been woken and has not looked yet
		}
	}
}
