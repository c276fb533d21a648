package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/fiapx/fiapx/modules/importer"
	"github.com/fiapx/fiapx/platform/blob/disk"
	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/database"
)

// The databases of the original.
const (
	originAuth   = "fiap_x_auth"
	originVideos = "video_processing"
)

// Origin is an installation of the original. Server is a URL in which the name of the database does not matter; Auth and
// Videos name a database each, and win.
type Origin struct {
	Server, Auth, Videos config.Secret
	Files                string // folder of its storage; empty leaves all files behind
}

// ImportReport is what an import did, or would do.
type ImportReport = importer.Report

// Importing is how an import is done.
type Importing struct {
	Apply       bool // or else only tell what would be done
	SkipRefused bool // leave rows behind that cannot come
	Tell        func(accounts, jobs int, applying bool)
	Moved       func(bytes int)
}

// ErrImportRefused says that rows cannot come, so that nothing was written.
var ErrImportRefused = importer.ErrRefused

// Import moves an installation of the original into the databases and the storage here, which must be up to date.
func Import(ctx context.Context, cfg Config, log *slog.Logger, from Origin, how Importing) (report ImportReport, err error) {
	deps := importer.Deps{
		Log: log, Now: time.Now, Retention: time.Duration(cfg.Videos.RetentionDays) * 24 * time.Hour, Moved: how.Moved,
		Tell: func(p importer.Progress) { how.Tell(p.Accounts, p.Jobs, p.Applying) },
	}
	var opened closers
	defer func() { err = errors.Join(err, opened.close()) }()
	if err := opened.origin(ctx, &deps, from, log); err != nil {
		return report, err
	}
	if err := opened.target(ctx, &deps, cfg, log); err != nil {
		return report, err
	}
	run := importer.New(deps)
	switch {
	case !how.Apply:
		return run.Plan(ctx)
	case how.SkipRefused:
		return run.ApplySkipping(ctx)
	}
	return run.Apply(ctx)
}

// closers are what is to be closed, the last first.
type closers []func() error

func (c closers) close() error {
	var errs []error
	for i := len(c) - 1; i >= 0; i-- {
		errs = append(errs, c[i]())
	}
	return errors.Join(errs...)
}

func (c *closers) database(ctx context.Context, o database.Options) (*database.DB, error) {
	db, err := database.Open(ctx, o)
	if err == nil {
		*c = append(*c, func() error { return database.Close(db) })
	}
	return db, err
}

func (c *closers) origin(ctx context.Context, deps *importer.Deps, from Origin, log *slog.Logger) (err error) {
	for _, side := range []struct {
		db   **database.DB
		url  config.Secret
		name string
	}{{&deps.OriginAuth, from.Auth, originAuth}, {&deps.OriginVideos, from.Videos, originVideos}} {
		address := side.url
		if address.Reveal() == "" {
			if address, err = onDatabase(from.Server, side.name); err != nil {
				return err
			}
		}
		o := database.Options{Module: "import", Schema: "public", URL: address, Conns: 1, Log: log}
		if *side.db, err = c.database(ctx, o); err != nil {
			return fmt.Errorf("the database %s of the original: %w", side.name, err)
		}
	}
	if from.Files == "" {
		return nil
	}
	if deps.Files, err = os.OpenRoot(from.Files); err != nil {
		return fmt.Errorf("the folder of the original's files cannot be opened; name with --files the one that has its folders videos and results: %w", err)
	}
	*c = append(*c, deps.Files.Close)
	return nil
}

// onDatabase puts the name of a database into a URL.
func onDatabase(server config.Secret, name string) (config.Secret, error) {
	u, err := url.Parse(server.Reveal())
	if err != nil { // its text has the URL, password and all
		return "", errors.New("the URL of the original cannot be read; write it like postgres://USER@HOST:5432/")
	}
	u.Path = "/" + name
	return config.Secret(u.String()), nil
}

// target opens what is here. The lock keeps a server over SQLite files away meanwhile.
func (c *closers) target(ctx context.Context, deps *importer.Deps, cfg Config, log *slog.Logger) error {
	files := cfg.Database.URL.Reveal() == ""
	for _, module := range []string{moduleAuth, moduleVideos} {
		if _, err := os.Stat(filepath.Join(cfg.Data, module+".db")); files && err != nil {
			return fmt.Errorf("there is no database of %s in %s yet; run 'fiapx migrate up' first", module, cfg.Data)
		}
	}
	lock, err := lockFolder(cfg.Data, files)
	if err != nil {
		return err
	}
	*c = append(*c, lock.Close)
	for module, db := range map[string]**database.DB{moduleAuth: &deps.Auth, moduleVideos: &deps.Videos} {
		if *db, err = c.database(ctx, cfg.options(module, log)); err != nil {
			return err
		}
		if err := forOperator(database.CheckVersion(ctx, *db, module)); err != nil {
			return err
		}
	}
	store, err := disk.Open(cfg.blobs())
	if err != nil {
		return err
	}
	deps.Blobs = store
	*c = append(*c, store.Close)
	return nil
}
