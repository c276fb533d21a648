// Package kafka is a bus.Bus over Apache Kafka (or what speaks its protocol, such as Amazon MSK), between all processes of a
// deployment. It connects when it is first used and again whenever the connection was lost; while there is no broker,
// publishing fails at once and consuming waits. Topics are made by Ensure, never by publishing.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"github.com/fiapx/fiapx/platform/bus"
)

// Bus implements bus.Bus. Make one with New, run its Service, end it with Close.
type Bus struct {
	cfg    Config
	topics []string // that must exist for it to be in order
	log    *slog.Logger
	state  state
	seats  chan struct{} // of calls to the producer, which know no context

	mu     sync.Mutex // never held for longer than a moment
	closed bool
	failed time.Time // when publishing failed last
	calls  sync.WaitGroup

	connecting sync.Mutex // held while brokers are tried
	client     sarama.Client
	producer   sarama.SyncProducer
}

var _ bus.Bus = (*Bus)(nil)

// New returns a bus that is not connected yet. topics are those that Check looks for.
func New(cfg Config, log *slog.Logger, topics ...string) (*Bus, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if _, err := cfg.base(); err != nil {
		return nil, err
	}
	return &Bus{cfg: cfg, topics: topics, log: log, seats: make(chan struct{}, seats)}, nil
}

const (
	seats    = 8
	patience = 5 * time.Second // how long Publish takes at most
	rest     = time.Second     // how long brokers that took no messages are left alone
)

var (
	errResting = errors.New("the brokers took nothing a moment ago")
	errBusy    = errors.New("all earlier messages still wait for an answer")
	errClosed  = errors.New("the bus is closed")
)

// Publish is part of bus.Bus. It never waits for a broker longer than a few seconds, and not at all just after one could
// not be reached.
func (b *Bus) Publish(ctx context.Context, messages ...bus.Message) error {
	if len(messages) == 0 {
		return nil
	}
	if b.resting() {
		return bus.ErrUnavailable.Because(errResting)
	}
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := b.within(patient, func() error {
		producer, err := b.open()
		if err != nil {
			return err
		}
		return producer.SendMessages(b.outgoing(messages))
	})
	if err == nil {
		return nil
	}
	if ctx.Err() == nil {
		b.pause()
	}
	return bus.ErrUnavailable.Because(detail(err))
}

// resting says whether it is known that there is no broker: the last messages did not go out, or nobody answered Service.
func (b *Bus) resting() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Since(b.failed) < rest || b.state.down()
}

func (b *Bus) pause() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = time.Now()
}

// within gives up on do when ctx ends. do goes on then, bounded by the library's own time limits, and keeps its seat
// until it has ended; Close waits for it.
func (b *Bus) within(ctx context.Context, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case b.seats <- struct{}{}:
	case <-ctx.Done():
		return errors.Join(errBusy, ctx.Err())
	}
	if !b.begin() {
		<-b.seats
		return errClosed
	}
	done := make(chan error, 1)
	go func() {
		defer b.calls.Done()
		defer func() { <-b.seats }()
		done <- do()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *Bus) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.calls.Add(1)
	}
	return !b.closed
}

// open gives the one producer of the process and connects it if need be.
func (b *Bus) open() (sarama.SyncProducer, error) {
	b.connecting.Lock()
	defer b.connecting.Unlock()
	if b.producer != nil {
		return b.producer, nil
	}
	err := b.connect()
	return b.producer, err
}

func (b *Bus) connect() error {
	s, err := b.cfg.forProducer()
	if err != nil {
		return err
	}
	client, err := sarama.NewClient(b.cfg.Brokers, s)
	if err != nil {
		return fmt.Errorf("reach a broker: %w", err)
	}
	producer, err := sarama.NewSyncProducerFromClient(client)
	if err != nil {
		return errors.Join(fmt.Errorf("begin to publish: %w", err), client.Close())
	}
	b.client, b.producer = client, producer
	return nil
}

func (b *Bus) outgoing(messages []bus.Message) []*sarama.ProducerMessage {
	out := make([]*sarama.ProducerMessage, len(messages))
	for i, m := range messages {
		out[i] = &sarama.ProducerMessage{Topic: b.cfg.Prefix + m.Topic, Key: sarama.StringEncoder(m.Key), Value: sarama.ByteEncoder(m.Value)}
		for name, value := range m.Headers {
			out[i].Headers = append(out[i].Headers, sarama.RecordHeader{Key: []byte(name), Value: []byte(value)})
		}
	}
	return out
}

// detail is the first cause of a batch that failed: the library's own error counts messages only.
func detail(err error) error {
	var all sarama.ProducerErrors
	if errors.As(err, &all) && len(all) > 0 {
		return fmt.Errorf("%d messages not sent: %w", len(all), all[0].Err)
	}
	return err
}

// Close ends the connections, once what is being published has been answered.
func (b *Bus) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.calls.Wait()
	if b.producer == nil {
		return nil
	}
	return errors.Join(b.producer.Close(), b.client.Close())
}
