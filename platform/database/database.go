// Package database opens a module's database (a SQLite file of its own, or a PostgreSQL schema of its own), runs
// transactions and migrations on it and tells the errors of both apart. It knows no table; repositories do.
//
// SQL in the migrations folder is the truth: gorm maps rows, it never creates or alters a table here.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/platform/config"
)

// Dialects, as Dialect returns them and as the folders of migrations are called.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// defaultConns bounds the connections to PostgreSQL of one module in one process.
const defaultConns = 16

// ErrNoSQLite is what opening a SQLite file returns in a build without cgo.
var ErrNoSQLite = errors.New("this build has no SQLite (it was built without cgo); set FIAPX_DATABASE_URL to a PostgreSQL database, or use a build with cgo")

// Config is what an operator sets.
type Config struct {
	URL   config.Secret `env:"FIAPX_DATABASE_URL,DATABASE_URL" help:"postgres://user:password@host/name; empty keeps everything in SQLite files under the data folder"`
	Conns int           `env:"FIAPX_DATABASE_CONNS" default:"16" help:"connections to PostgreSQL that each module of a process may hold"`
}

// Validate reports what can be seen to be wrong without connecting.
func (c Config) Validate() error {
	var problems []error
	if c.URL.Reveal() != "" && !isPostgres(c.URL.Reveal()) {
		problems = append(problems, errors.New("FIAPX_DATABASE_URL must begin with postgres://; leave it empty to use SQLite files"))
	}
	if c.Conns < 0 {
		problems = append(problems, errors.New("FIAPX_DATABASE_CONNS must not be negative; remove it to use the default"))
	}
	return errors.Join(problems...)
}

// Options say which database to open.
type Options struct {
	Module string        // whose tables: names the file, or the schema
	URL    config.Secret // postgres://...; empty is a SQLite file
	Dir    string        // where SQLite files live; created when missing
	Schema string        // PostgreSQL only; empty is Module
	Conns  int           // PostgreSQL only; 0 is 16
	Log    *slog.Logger
}

// Open connects and checks that the database answers. It creates the SQLite file but no tables: see Migrate.
// The handle is safe for concurrent use and belongs to the caller, who ends it with Close.
func Open(ctx context.Context, o Options) (*gorm.DB, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	open := openSQLite
	if o.URL.Reveal() != "" {
		open = openPostgres
	}
	db, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open the database of %s: %w", o.Module, err)
	}
	return db, nil
}

// Close ends all connections.
func Close(db *gorm.DB) error {
	if c, ok := db.ConnPool.(interface{ Close() error }); ok {
		return c.Close()
	}
	return errors.New("close the database: the handle has no connections of its own (is it a transaction?)")
}

// Ping tells whether the database answers.
func Ping(ctx context.Context, db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	if err := pool.PingContext(ctx); err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return nil
}

// Dialect says which SQL db speaks: SQLite or Postgres.
func Dialect(db *gorm.DB) string { return db.Name() }

// gormConfig is the same for both dialects. Times are UTC and whole microseconds, which is what PostgreSQL keeps, so that a
// value read back equals the one written. A single statement is atomic by itself, hence no transaction around each.
func gormConfig(log *slog.Logger, values *regexp.Regexp) *gorm.Config {
	return &gorm.Config{
		Logger:                 &slogLogger{log: log, slow: slowQuery, values: values},
		NowFunc:                func() time.Time { return toUTC(time.Now()) },
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
	}
}

func toUTC(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// limit bounds a pool; idle connections stay, because opening one costs more than keeping it.
func limit(db *sql.DB, conns int) *sql.DB {
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}
