package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/modules/notify"
	"github.com/fiapx/fiapx/modules/processing"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/modules/web"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/blob/disk"
	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/bus/kafka"
	"github.com/fiapx/fiapx/platform/cache"
	"github.com/fiapx/fiapx/platform/cache/redis"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/httpserver"
	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/observe"
	"github.com/fiapx/fiapx/platform/run"
)

// process is everything that one target consists of, constructed but not started.
type process struct {
	target Target
	cfg    Config
	log    *slog.Logger
	now    func() time.Time

	metrics *observe.Metrics // for modules to register what they measure

	lock  *os.File // of the data folder
	dbs   map[string]*database.DB
	beats *database.DB // of videos, for renewing leases; nil where nothing works or there is but one file
	blobs *disk.Store
	bus   bus.Bus
	kafka *kafka.Bus // the bus, when that is Kafka
	cache cache.Cache
	redis *redis.Cache // the cache, when that is Redis
	mail  mail.Sender  // nil when none is configured

	server     *httpserver.Server
	verifier   *authn.Verifier
	auth       *auth.Module
	videos     *videos.Module
	processing *processing.Module
	notify     *notify.Module
	web        *web.Module

	services []run.Service // in the order of their start

	finish context.CancelFunc // ends the process in order
}

// Run constructs the target and runs it until ctx ends or a part of it fails.
func Run(ctx context.Context, t Target, cfg Config, log *slog.Logger) error {
	p, err := build(ctx, t, cfg, log)
	if err != nil {
		return err
	}
	ctx, p.finish = context.WithCancel(ctx)
	defer p.finish()
	p.announce(ctx)
	if t.runs(moduleProcessing) {
		announceCage(ctx, log, processing.TryCage)
	}
	err = run.Group(ctx, log, p.services...)
	return errors.Join(err, p.close())
}

func build(ctx context.Context, t Target, cfg Config, log *slog.Logger) (*process, error) {
	p := &process{target: t, cfg: cfg, log: log, now: time.Now, dbs: map[string]*database.DB{}}
	if err := p.construct(ctx); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *process) construct(ctx context.Context) error {
	if err := p.openFoundation(ctx); err != nil {
		return err
	}
	for _, module := range buildOrder {
		if !p.target.has(module) {
			continue
		}
		if err := builders[module](p); err != nil {
			return err
		}
	}
	if p.auth != nil {
		if err := p.auth.Open(ctx); err != nil {
			return err
		}
	}
	p.services = append(p.services, p.server.Service()) // last to start, first to stop
	return nil
}

// openFoundation opens what modules run on.
func (p *process) openFoundation(ctx context.Context) (err error) {
	if p.lock, err = lockFolder(p.cfg.Data, p.target.Alone); err != nil {
		return err
	}
	if p.server, err = httpserver.New(p.cfg.HTTP, p.log); err != nil {
		return err
	}
	p.metrics = observe.NewMetrics(p.cfg.Version, p.log)
	p.server.Measure(p.metrics)
	for _, module := range withDatabase {
		if p.target.has(module) {
			if err := p.openDatabase(ctx, module); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(p.openBeats(ctx), p.openCache(), p.openBus()); err != nil {
		return err
	}
	if p.mail, err = p.openMail(); err != nil {
		return err
	}
	if p.target.keepsFiles() {
		if p.blobs, err = disk.Open(p.cfg.blobs()); err != nil {
			return err
		}
		p.services = append(p.services, p.sweeper())
	}
	return nil
}

// openDatabase opens a module's database. SQLite files belong to this program alone, so it brings them up to date
// itself; a PostgreSQL schema may have other users, and migrating it is a step of its own, except for all.
func (p *process) openDatabase(ctx context.Context, module string) error {
	db, err := database.Open(ctx, p.cfg.options(module, p.log))
	if err != nil {
		return err
	}
	p.dbs[module] = db
	p.server.Ready("database "+module, func(ctx context.Context) error { return database.Ping(ctx, db) })
	if p.target.Alone || database.Dialect(db) == database.SQLite {
		_, err = database.Migrate(ctx, db, module, p.log)
		return err
	}
	return forOperator(database.CheckVersion(ctx, db, module))
}

// beatConns are few: a renewal takes a millisecond, and each running job makes one a second.
const beatConns = 2

// openBeats gives the renewals of leases connections of their own, so that jobs are not lost to a pool that everything
// else has used up. A SQLite file has one writer, whoever opens it.
func (p *process) openBeats(ctx context.Context) (err error) {
	if !p.target.runs(moduleProcessing) || database.Dialect(p.dbs[moduleVideos]) != database.Postgres {
		return nil
	}
	o := p.cfg.options(moduleVideos, p.log)
	o.Conns = beatConns
	p.beats, err = database.Open(ctx, o)
	return err
}

func (c Config) options(module string, log *slog.Logger) database.Options {
	return database.Options{Module: module, URL: c.Database.URL, Dir: c.Data, Conns: c.Database.Conns, Log: log}
}

// forOperator shows the cause of a wrong schema to whoever starts the program; the fault's own sentence is for users.
func forOperator(err error) error {
	if cause := errors.Unwrap(err); errors.Is(err, database.ErrSchema) && cause != nil {
		return cause
	}
	return err
}

// announce tells what each port resolved to, and what does not come with it.
func (p *process) announce(ctx context.Context) {
	store := "SQLite files in " + p.cfg.Data
	if p.cfg.Database.URL.Reveal() != "" {
		store = "PostgreSQL"
	}
	cache, bus := p.resolved()
	facts := []any{
		"target", p.target.Name, "version", p.cfg.Version, "listen", p.cfg.HTTP.Listen,
		"database", store, "cache", cache, "bus", bus,
	}
	if p.blobs != nil {
		facts = append(facts, "storage", "folder "+p.cfg.blobs())
	}
	if p.target.mails() {
		facts = append(facts, "mail", p.cfg.mailRoute())
	}
	if p.target.verifies() {
		facts = append(facts, "keys", p.cfg.JWKSURL)
	}
	p.log.InfoContext(ctx, "configuration resolved", facts...)
	if !p.target.Alone {
		p.isolated(ctx)
	}
}

// close releases what was opened, the last first.
func (p *process) close() error {
	errs := p.closeServers()
	if p.blobs != nil {
		errs = append(errs, p.blobs.Close())
	}
	if p.beats != nil {
		errs = append(errs, database.Close(p.beats))
	}
	for module, db := range p.dbs {
		if err := database.Close(db); err != nil {
			errs = append(errs, fmt.Errorf("close the database of %s: %w", module, err))
		}
	}
	if p.lock != nil {
		errs = append(errs, p.lock.Close())
	}
	return errors.Join(errs...)
}
