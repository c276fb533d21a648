// Package bus is the port for events between processes. memory serves one process, kafka many; bustest is the contract
// that both pass. Delivery is at least once and in order per key; a message is a hint, never the truth (that is the row).
package bus

import (
	"context"

	"github.com/fiapx/fiapx/platform/fault"
)

// ErrUnavailable says that the bus did not take a message in time; publish it again later.
var ErrUnavailable = fault.New(fault.Unavailable, "bus.unavailable", "A part of the service is not available; try again in a moment.")

// Message is one event. Key orders: messages of one key reach a group in the order they were published.
type Message struct {
	Topic   string
	Key     string
	Value   []byte // JSON, UTF-8
	Headers map[string]string
}

// Publisher sends. Publish returns once the bus has accepted all messages, or ErrUnavailable when it has perhaps accepted
// only some; it gives up when ctx ends, and in any case after a while. Safe for concurrent use.
type Publisher interface {
	Publish(ctx context.Context, messages ...Message) error
}

// Handler handles one message in milliseconds; long work belongs elsewhere. An error is logged and the message is not
// delivered again: the poll of the job table is what makes up for it.
type Handler func(ctx context.Context, m Message) error

// Consumer receives. Consume blocks until ctx ends and returns nil then; members of one group share the messages, and
// every group gets each message that is published after it was first joined. Safe for concurrent use.
type Consumer interface {
	Consume(ctx context.Context, group string, topics []string, handle Handler) error
}

// Bus is both ends.
type Bus interface {
	Publisher
	Consumer
}
