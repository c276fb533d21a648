// Package memory is a bus.Bus inside one process. Messages live as long as the process: a subscriber that was not there
// misses them, and a full queue makes publishers wait. Both are allowed, because messages are hints (see package bus).
package memory

import (
	"bytes"
	"context"
	"hash/fnv"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/fiapx/fiapx/platform/bus"
)

const (
	partitions = 16              // messages of one group and topic that are handled at the same time
	capacity   = 1024            // messages waiting in a partition
	patience   = 5 * time.Second // how long Publish waits for room
)

// Bus implements bus.Bus.
type Bus struct {
	log *slog.Logger

	mu     sync.Mutex
	topics map[string]map[string]*queue // by topic, then group
}

var _ bus.Bus = (*Bus)(nil)

// New returns a bus without subscribers. It starts nothing and needs no closing.
func New(log *slog.Logger) *Bus {
	return &Bus{log: log, topics: map[string]map[string]*queue{}}
}

// Publish is part of bus.Bus.
func (b *Bus) Publish(ctx context.Context, messages ...bus.Message) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, m := range messages {
		if err := ctx.Err(); err != nil {
			return bus.ErrUnavailable.Because(err)
		}
		for _, q := range b.subscribed(m.Topic) {
			if err := q.put(ctx, clone(m)); err != nil {
				return bus.ErrUnavailable.Because(err)
			}
		}
	}
	return nil
}

// Consume is part of bus.Bus. It handles one message at a time; call it several times for more.
func (b *Bus) Consume(ctx context.Context, group string, topics []string, handle bus.Handler) error {
	wake := make(chan struct{}, 1)
	queues := make([]*queue, 0, len(topics))
	for _, topic := range topics {
		q := b.queue(topic, group)
		q.join(wake)
		defer q.leave(wake)
		queues = append(queues, q)
	}
	for ctx.Err() == nil {
		if b.handleOne(ctx, queues, handle) {
			continue
		}
		select {
		case <-wake:
		case <-ctx.Done():
		}
	}
	return nil
}

// handleOne takes turns through the queues, so that a busy topic does not starve another.
func (b *Bus) handleOne(ctx context.Context, queues []*queue, handle bus.Handler) (worked bool) {
	for _, q := range queues {
		if ctx.Err() != nil {
			return worked
		}
		m, done, ok := q.take()
		if !ok {
			continue
		}
		worked = true
		b.deliver(ctx, m, done, handle)
	}
	return worked
}

func (b *Bus) deliver(ctx context.Context, m bus.Message, done func(), handle bus.Handler) {
	defer done()
	if err := handle(ctx, m); err != nil {
		b.log.WarnContext(ctx, "message not handled", "topic", m.Topic, "key", m.Key, "err", err)
	}
}

func (b *Bus) queue(topic, group string) *queue {
	b.mu.Lock()
	defer b.mu.Unlock()
	groups := b.topics[topic]
	if groups == nil {
		groups = map[string]*queue{}
		b.topics[topic] = groups
	}
	if groups[group] == nil {
		groups[group] = newQueue()
	}
	return groups[group]
}

func (b *Bus) subscribed(topic string) []*queue {
	b.mu.Lock()
	defer b.mu.Unlock()
	queues := make([]*queue, 0, len(b.topics[topic]))
	for _, q := range b.topics[topic] {
		queues = append(queues, q)
	}
	return queues
}

// clone lets publishers and handlers of several groups do with their message what they like.
func clone(m bus.Message) bus.Message {
	m.Value, m.Headers = bytes.Clone(m.Value), maps.Clone(m.Headers)
	return m
}

func partitionOf(key string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return int(h.Sum32() % partitions)
}
