package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/notify/internal/gateway"
	"github.com/fiapx/fiapx/modules/notify/internal/repository"
	"github.com/fiapx/fiapx/modules/notify/internal/service/post"
	"github.com/fiapx/fiapx/modules/notify/internal/usecase"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/outbox"
	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/mail/courier"
	"github.com/fiapx/fiapx/platform/run"
)

// Deps are what the module works with.
type Deps struct {
	DB   *database.DB // of module "notify", migrated
	Jobs videos.Notices
	Bus  bus.Consumer
	// Mail sends mails as Post says; nil is a server that sends none, where the module does nothing.
	Mail mail.Sender
	Post mail.Config
	Log  *slog.Logger
	Now  func() time.Time
}

// Module is notify, wired.
type Module struct {
	cfg     Config
	deps    Deps
	notify  *usecase.Notify
	courier *courier.Courier
	table   outbox.Table
}

// New wires the module. It opens nothing and starts nothing.
func New(cfg Config, deps Deps) (*Module, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.DB == nil || deps.Bus == nil || deps.Log == nil || deps.Now == nil {
		return nil, errors.New("notify: DB, Bus, Log and Now are required")
	}
	desk, err := post.New(deps.Post.Link)
	if err != nil {
		return nil, err
	}
	jobs := gateway.Jobs{Notices: deps.Jobs}
	m := &Module{cfg: cfg, deps: deps, table: outbox.New(deps.DB, repository.Deliveries)}
	m.courier = courier.New(courier.Courier{
		Name: "notify-mail", Outbox: m.table, Sender: deps.Mail, Attempts: deps.Post.Attempts, Retry: deps.Post.Retry,
		Now: deps.Now, Log: deps.Log, Write: writer(usecase.Drafts{Jobs: jobs}, desk),
	})
	m.notify = &usecase.Notify{
		Book: repository.New(deps.DB), Jobs: jobs, Ring: m.courier.Ring, Now: deps.Now, Log: deps.Log,
		Overlap: overlap, LookBack: cfg.LookBack,
	}
	return m, nil
}

func writer(drafts usecase.Drafts, desk *post.Desk) func(context.Context, string) (mail.Message, error) {
	return func(ctx context.Context, id string) (mail.Message, error) {
		notice, ok, err := drafts.Draft(ctx, id)
		if err != nil {
			return mail.Message{}, err
		}
		if !ok {
			return mail.Message{}, courier.ErrObsolete
		}
		return desk.Write(notice)
	}
}

// Services listen, search and send; any number of processes may run them. Without mail there are none, and nothing is
// collected that could be sent later.
func (m *Module) Services() []run.Service {
	if m.deps.Mail == nil {
		return nil
	}
	return []run.Service{
		m.courier.Service(),
		{Name: "notify-events", Grace: grace, Run: func(ctx context.Context) error { return gateway.Listen(ctx, m.deps.Bus, m.notify.Heard) }},
		{Name: "notify-sweep", Grace: grace, Run: func(ctx context.Context) error { return m.every(ctx, m.cfg.Sweep, m.sweep) }},
	}
}

const (
	grace     = 5 * time.Second
	batch     = 500
	retention = 90 * 24 * time.Hour // far longer than the search for missed ends looks back
)

func (m *Module) sweep(ctx context.Context) error {
	_, err := m.table.Purge(ctx, m.deps.Now().Add(-max(retention, 2*m.cfg.LookBack)), batch)
	return errors.Join(m.notify.Sweep(ctx), err)
}

// every does the work at once and then again and again; a failure is logged and healed by the next round.
func (m *Module) every(ctx context.Context, interval time.Duration, work func(context.Context) error) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			m.deps.Log.WarnContext(ctx, "search for ended jobs put off", "err", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}
