package gateway

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/bus"
)

// Publisher sends the module's events on one topic, keyed by job, so that those of a job stay in order.
type Publisher struct {
	Bus   bus.Publisher
	Topic string
}

// Publish sends all events or returns an error.
func (p Publisher) Publish(ctx context.Context, events []domain.Event) error {
	messages := make([]bus.Message, len(events))
	for i, e := range events {
		messages[i] = bus.Message{
			Topic: p.Topic, Key: e.Key, Value: e.Payload,
			Headers: map[string]string{"event_id": e.ID, "event_type": e.Type},
		}
	}
	return p.Bus.Publish(ctx, messages...)
}
