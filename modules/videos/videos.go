package videos

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/modules/videos/internal/gateway"
	"github.com/fiapx/fiapx/modules/videos/internal/presenter"
	"github.com/fiapx/fiapx/modules/videos/internal/repository"
	"github.com/fiapx/fiapx/modules/videos/internal/service/host"
	"github.com/fiapx/fiapx/modules/videos/internal/service/loop"
	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/blob"
	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/cache"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/httpserver"
	"github.com/fiapx/fiapx/platform/run"
)

// Deps are what the module works with. A process without HTTP (work) needs no Prober and no Cache.
type Deps struct {
	DB      *database.DB // of module "videos", migrated
	Beats   *database.DB // the same over connections of its own, for renewing leases; nil is DB
	Blobs   blob.Store
	Bus     bus.Bus
	Cache   cache.Cache
	Prober  Prober
	Log     *slog.Logger
	Now     func() time.Time
	Version string // shown by the health route; empty is "dev"
}

// Module is the wired module. Safe for concurrent use.
type Module struct {
	cfg     Config
	deps    Deps
	doc     *openapi3.T
	api     *presenter.API
	bell    loop.Bell
	store   *repository.Store
	storage gateway.Storage
	queue   *usecase.Queue
}

// New wires the module. It opens nothing and starts nothing.
func New(cfg Config, deps Deps) (*Module, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.DB == nil || deps.Blobs == nil || deps.Bus == nil || deps.Log == nil || deps.Now == nil {
		return nil, errors.New("videos: DB, Blobs, Bus, Log and Now are required")
	}
	if deps.Version == "" {
		deps.Version = "dev"
	}
	doc, err := loadSpecification()
	if err != nil {
		return nil, err
	}
	api, err := presenter.Compile(doc)
	if err != nil {
		return nil, err
	}
	m := &Module{cfg: cfg, deps: deps, doc: doc, api: api, bell: loop.NewBell(), storage: gateway.Storage{Blobs: deps.Blobs}}
	m.store = repository.New(deps.DB, clockOf(deps.DB, deps.Now), uuid.NewString, m.bell.Ring)
	m.queue = &usecase.Queue{Store: m.store, Beats: m.store, Storage: m.storage, Log: deps.Log, Order: domain.Order{Turn: cfg.Turn, Step: cfg.Step}, Policy: domain.Policy{
		Lease: cfg.Lease, Heartbeat: cfg.Heartbeat, MaxAttempts: cfg.MaxAttempts, MaxCrashes: cfg.MaxCrashes,
		MaxRunning: cfg.MaxRunning, MaxPerUser: cfg.UserRunning,
	}}
	if deps.Beats != nil {
		m.queue.Beats = m.store.Through(deps.Beats)
	}
	return m, nil
}

// Queue is the workers' side of the module.
func (m *Module) Queue() Queue {
	return queue{jobs: m.queue, workers: m.workers(), version: m.deps.Version, every: m.cfg.Heartbeat}
}

// OpenAPI is the document that the routes are made from and checked against.
func (m *Module) OpenAPI() *openapi3.T { return m.doc }

// Routes adds the module's routes. It panics when what only they need is missing, which is a mistake in the wiring.
func (m *Module) Routes(r httpserver.Router, verifier *authn.Verifier) {
	if m.deps.Prober == nil || m.deps.Cache == nil || verifier == nil {
		panic("videos: Prober, Cache and a verifier are required to serve HTTP")
	}
	server := &presenter.Server{UseCases: m.useCases(), Now: m.deps.Now, Stall: m.cfg.UploadStall}
	m.api.Register(r, server, verifier)
}

func (m *Module) workers() *usecase.Workers { return &usecase.Workers{Store: m.store} }

func (m *Module) retry() *usecase.Retry {
	return &usecase.Retry{Store: m.store, Order: domain.Order{Turn: m.cfg.Turn, Step: m.cfg.Step}, Log: m.deps.Log}
}

// Plans are quick, but each is a process that reads a whole index.
const (
	maxPlans     = 8
	maxUserPlans = 2
)

func (m *Module) useCases() presenter.UseCases {
	d, log := m.deps, m.deps.Log
	most, _ := domain.PriorityOf(m.cfg.MaxPriority) // validated
	prober := gateway.Prober{Blobs: d.Blobs, Read: probeWith(d.Prober), Foresee: planWith(d.Prober)}
	return presenter.UseCases{
		Submit: &usecase.Submit{
			Store: m.store, Keys: m.store, Storage: m.storage, Prober: prober,
			Gate: usecase.NewGate(m.cfg.Uploads, m.cfg.UserUploads), NewID: uuid.NewString,
			MaxFileSize: m.cfg.MaxUpload(), MaxDisk: m.cfg.MaxDisk, Log: log,
			Order: domain.Order{Turn: m.cfg.Turn, Step: m.cfg.Step}, MaxPriority: most,
		},
		List:        &usecase.List{Store: m.store},
		Show:        &usecase.Show{Store: m.store, Now: d.Now},
		Plan:        &usecase.Plan{Store: m.store, Planner: prober, Gate: usecase.NewGate(maxPlans, maxUserPlans)},
		Download:    &usecase.Download{Store: m.store, Storage: m.storage, Log: log},
		Cancel:      &usecase.Cancel{Store: m.store, Log: log},
		Retry:       m.retry(),
		Workers:     m.workers(),
		Delete:      &usecase.Delete{Store: m.store, Storage: m.storage, Log: log},
		Preferences: &usecase.Preferences{Store: m.store},
		System: &usecase.System{
			Store: m.store, Storage: m.storage, Host: host.New(os.DirFS("/proc")), Identity: d.Cache.Ping, Now: d.Now,
			MaxFileSize: m.cfg.MaxUpload(), JobTimeout: m.cfg.JobTimeout, Version: d.Version, Log: log,
		},
	}
}

// Messenger is the part of Services that sends events on. A process that only serves HTTP runs it alone, so that workers hear of
// a job as soon as it was accepted.
func (m *Module) Messenger() run.Service {
	relay := &usecase.Relay{Outbox: m.store, Publisher: gateway.Publisher{Bus: m.deps.Bus, Topic: TopicJobs}}
	return m.service("videos outbox relay", m.cfg.RelayInterval, m.bell, relay.Drain)
}

// Services are the module's background work. Several processes may run them at once.
func (m *Module) Services() []run.Service {
	janitor := &usecase.Janitor{
		Store: m.store, Storage: m.storage, Now: m.deps.Now, Log: m.deps.Log, OrphanAge: m.cfg.OrphanAge,
		Retention: time.Duration(m.cfg.RetentionDays) * 24 * time.Hour,
	}
	return []run.Service{
		m.Messenger(),
		m.service("videos rescuer", m.cfg.Rescue, nil, m.queue.Rescue),
		m.service("videos janitor", m.cfg.JanitorInterval, nil, janitor.Finish),
		m.service("videos sweeper", m.cfg.SweepInterval, nil, janitor.Sweep),
	}
}

const serviceGrace = 10 * time.Second

func (m *Module) service(name string, every time.Duration, bell loop.Bell, do func(context.Context) error) run.Service {
	l := loop.Loop{Name: name, Every: every, Bell: bell, Do: do, Log: m.deps.Log}
	return run.Service{Name: name, Run: l.Run, Grace: serviceGrace}
}
