package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Outbox holds the events that wait to be published, in the order in which they happened.
type Outbox interface {
	// Take locks up to n waiting events for that long, so that several relays do not send the same ones.
	Take(ctx context.Context, n int, lock time.Duration) ([]domain.Event, error)
	// Published marks events as sent.
	Published(ctx context.Context, events []domain.Event) error
}

// Publisher sends events; an error means that none of them is known to have arrived.
type Publisher interface {
	Publish(ctx context.Context, events []domain.Event) error
}

// Relay moves events from the outbox to the bus. They arrive at least once: a crash between sending and marking sends
// them again, with the same event_id.
type Relay struct {
	Outbox    Outbox
	Publisher Publisher
}

const (
	relayBatch = 100
	relayLock  = 30 * time.Second
)

// Drain publishes until nothing waits.
func (r *Relay) Drain(ctx context.Context) error {
	for {
		events, err := r.Outbox.Take(ctx, relayBatch, relayLock)
		if err != nil || len(events) == 0 {
			return err
		}
		if err := r.Publisher.Publish(ctx, events); err != nil {
			return err
		}
		if err := r.Outbox.Published(ctx, events); err != nil {
			return err
		}
		if len(events) < relayBatch {
			return nil
		}
	}
}
