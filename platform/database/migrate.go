package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/gorm"

	"github.com/fiapx/fiapx/migrations"
)

// versionTable records what was applied; there is one in each module's file or schema.
const versionTable = "schema_migrations"

// lockWait is how long one migration run waits for another, which may be building an index.
const lockWait = 10 * time.Minute

// Migrate applies the pending migrations of module and returns their names. Two runs at once are safe: the second waits
// and finds nothing to do. On PostgreSQL it creates the schema when it may and must, and needs a direct connection: the
// lock belongs to the session, which a transaction pooler would hand to others.
func Migrate(ctx context.Context, db *gorm.DB, module string, log *slog.Logger) (applied []string, err error) {
	return migrate(ctx, db, migrations.Files, module, log)
}

func migrate(ctx context.Context, db *gorm.DB, files fs.FS, module string, log *slog.Logger) ([]string, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	schema, err := ensureSchema(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("migrate %s: %w", module, err)
	}
	runner, err := newRunner(db, files, module, schema)
	if err != nil {
		return nil, fmt.Errorf("migrate %s: %w", module, err)
	}
	results, err := runner.Up(ctx)
	var broken *goose.PartialError
	if errors.As(err, &broken) && broken.Failed != nil {
		results = broken.Applied
		err = fmt.Errorf("%s: %w", path.Base(broken.Failed.Source.Path), broken.Err)
	}
	var applied []string
	for _, r := range results {
		name := path.Base(r.Source.Path)
		log.InfoContext(ctx, "migration applied", "module", module, "migration", name, "elapsed", r.Duration)
		applied = append(applied, name)
	}
	if err != nil {
		return applied, fmt.Errorf("migrate %s: %w", module, err)
	}
	return applied, nil
}

func newRunner(db *gorm.DB, files fs.FS, module, schema string) (*goose.Provider, error) {
	all, err := list(files, Dialect(db), "")
	if err != nil {
		return nil, err
	}
	var others []string
	for _, s := range all {
		if s.module != module {
			others = append(others, s.name)
		}
	}
	if len(others) == len(all) {
		return nil, fmt.Errorf("no migrations are known for module %q and dialect %s", module, Dialect(db))
	}
	folder, err := fs.Sub(files, Dialect(db))
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{
		goose.WithExcludeNames(others), goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true),
		// Two branches may be merged in another order than their numbers; a server refuses to start either way until
		// all of them are applied.
		goose.WithAllowOutofOrder(true),
		goose.WithSlog(slog.New(slog.DiscardHandler)), // Migrate logs the results itself
	}
	if Dialect(db) == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, pool, folder, options...)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockID(schema)), lock.WithLockTimeout(1, uint64(lockWait/time.Second)))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, pool, folder, append(options, goose.WithSessionLocker(locker))...)
}

// ensureSchema looks before it creates: the role that migrates need not be allowed to create schemas when an
// administrator has done so.
func ensureSchema(ctx context.Context, db *gorm.DB) (string, error) {
	if Dialect(db) == SQLite {
		return "", nil
	}
	var current sql.NullString
	if err := db.WithContext(ctx).Raw("SELECT current_schema()").Row().Scan(&current); err != nil {
		return "", fmt.Errorf("find the schema: %w", err)
	}
	if current.Valid {
		return current.String, nil
	}
	var name string
	if err := db.WithContext(ctx).Raw("SELECT current_setting('search_path')").Row().Scan(&name); err != nil {
		return "", fmt.Errorf("find the schema: %w", err)
	}
	name = strings.Trim(name, `"`)
	if err := db.WithContext(ctx).Exec("CREATE SCHEMA IF NOT EXISTS " + pgx.Identifier{name}.Sanitize()).Error; err != nil && !IsUnique(err) {
		return "", fmt.Errorf("create schema %s; let the role create it, or create it beforehand: %w", name, err)
	}
	return name, nil
}

func lockID(schema string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte("fiapx migrations of " + schema))
	return int64(h.Sum32())
}

// script is a migration file: NNNN_<module>_<what>.sql.
type script struct {
	version      int64
	name, module string
}

// list gives the files of one dialect in order; module "" gives all.
func list(files fs.FS, dialect, module string) ([]script, error) {
	entries, err := fs.ReadDir(files, dialect)
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var found []script
	for _, e := range entries {
		words := strings.SplitN(strings.TrimSuffix(e.Name(), ".sql"), "_", 3)
		if len(words) < 3 {
			return nil, fmt.Errorf("migration %s is not named NNNN_<module>_<what>.sql", e.Name())
		}
		version, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s does not begin with a number", e.Name())
		}
		if module == "" || module == words[1] {
			found = append(found, script{version: version, name: e.Name(), module: words[1]})
		}
	}
	slices.SortFunc(found, func(a, b script) int { return int(a.version - b.version) })
	return found, nil
}
