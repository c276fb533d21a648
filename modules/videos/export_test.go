package videos

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/videos/internal/gateway"
	"github.com/fiapx/fiapx/modules/videos/internal/repository"
	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
)

// Rescue is one turn of the rescuer.
func (m *Module) Rescue(ctx context.Context) error { return m.queue.Rescue(ctx) }

// KeepTime has the tables tell that time instead of the database's.
func (m *Module) KeepTime(now func() time.Time) {
	m.store = repository.New(m.deps.DB, repository.ProcessClock(now), uuid.NewString, m.bell.Ring)
	m.queue.Store, m.queue.Beats = m.store, m.store
}

// Relay is one turn of the outbox relay.
func (m *Module) Relay(ctx context.Context) error {
	r := usecase.Relay{Outbox: m.store, Publisher: gateway.Publisher{Bus: m.deps.Bus, Topic: TopicJobs}}
	return r.Drain(ctx)
}

// Janitor is the janitor with that retention.
func (m *Module) Janitor(retention time.Duration) *usecase.Janitor {
	return &usecase.Janitor{
		Store: m.store, Storage: m.storage, Now: m.deps.Now, Log: m.deps.Log, OrphanAge: m.cfg.OrphanAge, Retention: retention,
	}
}

// Cancel is what the route does.
func (m *Module) Cancel(ctx context.Context, userID, jobID string) error {
	_, err := m.useCases().Cancel.Do(ctx, userID, jobID)
	return err
}

// Retry is what the route does.
func (m *Module) Retry(ctx context.Context, userID, jobID string) error {
	_, err := m.retry().Do(ctx, userID, jobID)
	return err
}

// Bury is the first half of a deletion.
func (m *Module) Bury(ctx context.Context, userID, jobID string) (bool, error) {
	return m.store.Bury(ctx, userID, jobID)
}

// DepartedFrom is the removal of what closed accounts own, as those accounts say.
func (m *Module) DepartedFrom(accounts Accounts) *usecase.Departed { return m.departed(accounts) }

// EvictSome is a part of it.
func (m *Module) EvictSome(ctx context.Context, userID string, n int) (int, error) {
	return m.store.Evict(ctx, userID, n)
}
