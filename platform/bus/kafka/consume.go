package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"github.com/fiapx/fiapx/platform/bus"
)

const (
	shortestPause = 250 * time.Millisecond
	longestPause  = 2 * time.Second
	maxFailures   = 3 // rounds of a group that failed in a row before its client is made anew
)

// Consume is part of bus.Bus. It handles one message at a time; call it several times for more. While no broker can be
// reached it goes on trying, every two seconds at the longest.
func (b *Bus) Consume(ctx context.Context, group string, topics []string, handle bus.Handler) error {
	m := &member{bus: b, group: group, handle: handle}
	for _, topic := range topics {
		m.topics = append(m.topics, b.cfg.Prefix+topic)
	}
	defer b.state.enter(m)()
	for pause := shortestPause; ctx.Err() == nil; pause = min(2*pause, longestPause) {
		began := time.Now()
		err := m.attend(ctx)
		if ctx.Err() != nil {
			break
		}
		b.state.lose(ctx, b.log, err)
		if time.Since(began) > 10*longestPause {
			pause = shortestPause
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
		}
	}
	return nil
}

// member is one consumer of a group. It implements sarama.ConsumerGroupHandler.
type member struct {
	bus    *Bus
	group  string
	topics []string
	handle bus.Handler
	turn   sync.Mutex // partitions deliver side by side
}

// attend is a member until ctx ends or the group keeps failing; then its client, which may be what is wrong, goes too.
func (m *member) attend(ctx context.Context) error {
	s, err := m.bus.cfg.forConsumer()
	if err != nil {
		return err
	}
	client, err := sarama.NewConsumerGroup(m.bus.cfg.Brokers, m.bus.cfg.Prefix+m.group, s)
	if err != nil {
		return fmt.Errorf("reach a broker: %w", err)
	}
	var drained sync.WaitGroup
	var last error
	drained.Go(func() { // ends with Close
		for err := range client.Errors() {
			m.bus.log.DebugContext(ctx, "consumer of the bus reports", "group", m.group, "err", err)
		}
	})
	for failures := 0; ctx.Err() == nil && failures < maxFailures; {
		began := time.Now()
		// It returns at every change of the group's members, too.
		last = client.Consume(ctx, m.topics, m)
		m.bus.state.leave(m)
		switch {
		case last != nil:
			failures++
		case time.Since(began) > heartbeat:
			failures = 0
		}
		if ctx.Err() == nil && last != nil {
			m.bus.state.lose(ctx, m.bus.log, last)
			select {
			case <-time.After(shortestPause):
			case <-ctx.Done():
			}
		}
	}
	err = errors.Join(last, client.Close())
	drained.Wait()
	return err
}

// Setup is part of sarama.ConsumerGroupHandler: partitions have been assigned.
func (m *member) Setup(sarama.ConsumerGroupSession) error {
	m.bus.state.join(m)
	return nil
}

// Cleanup is part of sarama.ConsumerGroupHandler.
func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// ConsumeClaim is part of sarama.ConsumerGroupHandler. It ends with the session: what the library would still hand out then
// belongs to another member already.
func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for session.Context().Err() == nil {
		select {
		case <-session.Context().Done():
		case message, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			m.deliver(session.Context(), message)
			session.MarkMessage(message, "")
		}
	}
	return nil
}

func (m *member) deliver(ctx context.Context, message *sarama.ConsumerMessage) {
	m.turn.Lock()
	defer m.turn.Unlock()
	in := bus.Message{
		Topic: strings.TrimPrefix(message.Topic, m.bus.cfg.Prefix), Key: string(message.Key), Value: message.Value,
		Headers: make(map[string]string, len(message.Headers)),
	}
	for _, h := range message.Headers {
		in.Headers[string(h.Key)] = string(h.Value)
	}
	if err := m.handle(ctx, in); err != nil {
		m.bus.log.WarnContext(ctx, "message not handled", "topic", in.Topic, "key", in.Key, "err", err)
	}
}
