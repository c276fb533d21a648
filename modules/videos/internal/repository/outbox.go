package repository

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Take locks up to n waiting events for that long and returns them in order.
func (s *Store) Take(ctx context.Context, n int, lock time.Duration) (events []domain.Event, err error) {
	err = s.change(ctx, func(tx *change) error {
		events = nil
		var rows []outboxRow
		query := tx.Where("published_at IS NULL AND (locked_until IS NULL OR locked_until < ?)", tx.now).Order("id").Limit(n)
		if err := s.skipLocked(query).Find(&rows).Error; err != nil || len(rows) == 0 { // index outbox_waiting
			return err
		}
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
			events = append(events, domain.Event{ID: r.EventID, Type: r.EventType, Key: r.Key, Payload: []byte(r.Payload)})
		}
		return tx.Model(&outboxRow{}).Where("id IN ?", ids).Updates(map[string]any{"locked_until": tx.now.Add(lock)}).Error
	})
	return events, err
}

// Published marks events as sent.
func (s *Store) Published(ctx context.Context, events []domain.Event) error {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	return s.change(ctx, func(tx *change) error {
		return tx.Model(&outboxRow{}).Where("event_id IN ?", ids).
			Updates(map[string]any{"published_at": tx.now, "locked_until": nil}).Error
	})
}
