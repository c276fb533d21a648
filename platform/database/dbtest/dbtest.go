// Package dbtest gives a test a fresh, migrated database of a module: a SQLite file in the test's folder always, and a
// PostgreSQL schema of its own where FIAPX_TEST_POSTGRES names a server. Only tests may import it.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/database"
)

// PostgresVar names the environment variable with the URL of a PostgreSQL server that tests may create schemas on.
const PostgresVar = "FIAPX_TEST_POSTGRES"

// Open returns a migrated SQLite database, removed with the test.
func Open(t testing.TB, module string) *gorm.DB {
	t.Helper()
	return migrated(t, Empty(t, module), module)
}

// Postgres returns a migrated PostgreSQL database; the test is skipped, saying so, where there is no server.
func Postgres(t testing.TB, module string) *gorm.DB {
	t.Helper()
	return migrated(t, EmptyPostgres(t, module), module)
}

// Each runs test once on SQLite and once on PostgreSQL; the latter is skipped, saying so, where there is no server.
func Each(t *testing.T, module string, test func(t *testing.T, db *gorm.DB)) {
	t.Helper()
	EachEmpty(t, module, func(t *testing.T, db *gorm.DB) {
		t.Helper()
		test(t, migrated(t, db, module))
	})
}

// EachEmpty is Each without migrations: on PostgreSQL not even the schema exists.
func EachEmpty(t *testing.T, module string, test func(t *testing.T, db *gorm.DB)) {
	t.Helper()
	t.Run(database.SQLite, func(t *testing.T) { test(t, Empty(t, module)) })
	t.Run(database.Postgres, func(t *testing.T) { test(t, EmptyPostgres(t, module)) })
}

// Empty returns a SQLite database without tables.
func Empty(t testing.TB, module string) *gorm.DB {
	t.Helper()
	return open(t, database.Options{Module: module, Dir: t.TempDir()})
}

// EmptyPostgres returns a PostgreSQL database whose schema does not exist yet and is dropped with the test.
func EmptyPostgres(t testing.TB, module string) *gorm.DB {
	t.Helper()
	url, ok := os.LookupEnv(PostgresVar) //nolint:forbidigo // tests have no configuration; this names their server
	if !ok || url == "" {
		t.Skip("skipped: set " + PostgresVar + " to the URL of a PostgreSQL server to run this test there too")
	}
	schema := fmt.Sprintf("test_%s_%.8s", module, uuid.NewString())
	db := open(t, database.Options{Module: module, URL: config.Secret(url), Schema: schema, Conns: 8})
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
		defer cancel()
		if err := db.WithContext(ctx).Exec(`DROP SCHEMA IF EXISTS "` + schema + `" CASCADE`).Error; err != nil {
			t.Errorf("drop the test's schema: %v", err)
		}
	})
	return db
}

func open(t testing.TB, o database.Options) *gorm.DB {
	t.Helper()
	db, err := database.Open(t.Context(), o)
	if errors.Is(err, database.ErrNoSQLite) {
		t.Skip("skipped: " + err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Close(db); err != nil {
			t.Errorf("close the test's database: %v", err)
		}
	})
	return db
}

func migrated(t testing.TB, db *gorm.DB, module string) *gorm.DB {
	t.Helper()
	if _, err := database.Migrate(t.Context(), db, module, nil); err != nil {
		t.Fatal(err)
	}
	return db
}
