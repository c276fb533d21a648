package database

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/migrations"
	"github.com/fiapx/fiapx/platform/fault"
)

// ErrSchema is what CheckVersion returns: the tables are not the ones that this program was built for.
var ErrSchema = fault.New(fault.Unavailable, "database.schema", "The database is being upgraded; try again in a moment.")

// Migration is one step of a module's schema.
type Migration struct {
	Name    string
	Applied *time.Time // nil while it is pending
}

// Status lists the migrations of module in order. It changes nothing, not even when the database is empty.
func Status(ctx context.Context, db *gorm.DB, module string) ([]Migration, error) {
	return status(ctx, db, migrations.Files, module)
}

func status(ctx context.Context, db *gorm.DB, files fs.FS, module string) ([]Migration, error) {
	known, err := list(files, Dialect(db), module)
	if err != nil {
		return nil, err
	}
	applied, err := appliedVersions(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("migration status of %s: %w", module, err)
	}
	out := make([]Migration, 0, len(known))
	for _, s := range known {
		m := Migration{Name: s.name}
		if at, ok := applied[s.version]; ok {
			m.Applied = &at
		}
		out = append(out, m)
	}
	return out, nil
}

// CheckVersion returns ErrSchema unless exactly the migrations that this program knows have been applied. Servers call
// it at start: working on other tables than expected corrupts quietly, refusing to start does not.
func CheckVersion(ctx context.Context, db *gorm.DB, module string) error {
	return checkVersion(ctx, db, migrations.Files, module)
}

func checkVersion(ctx context.Context, db *gorm.DB, files fs.FS, module string) error {
	known, err := list(files, Dialect(db), module)
	if err != nil {
		return err
	}
	applied, err := appliedVersions(ctx, db)
	if err != nil {
		return fmt.Errorf("check the schema version of %s: %w", module, err)
	}
	var has, needs int64
	for version := range applied {
		has = max(has, version)
	}
	missing := false
	for _, s := range known {
		needs = max(needs, s.version)
		if _, ok := applied[s.version]; !ok {
			missing = true
		}
		delete(applied, s.version)
	}
	switch {
	case len(applied) > 0:
		return ErrSchema.Because(fmt.Errorf("the database schema of %s is newer than this program (has %d, knows %d); run a newer fiapx", module, has, needs))
	case missing:
		return ErrSchema.Because(fmt.Errorf("the database schema of %s is behind (has %d, needs %d); run `fiapx migrate up` first", module, has, needs))
	}
	return nil
}

// appliedVersions reads the version table without creating it: servers may lack the right to.
func appliedVersions(ctx context.Context, db *gorm.DB) (map[int64]time.Time, error) {
	db = db.WithContext(ctx)
	applied := map[int64]time.Time{}
	if !db.Migrator().HasTable(versionTable) {
		return applied, ctx.Err()
	}
	var rows []struct {
		VersionID int64
		Tstamp    time.Time
	}
	// Version 0 is goose's mark that the table is in use.
	err := db.Raw("SELECT version_id, tstamp FROM " + versionTable + " WHERE version_id > 0 AND is_applied ORDER BY id").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		applied[r.VersionID] = r.Tstamp.UTC()
	}
	return applied, nil
}
