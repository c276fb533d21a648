//go:build cgo

package database_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

func TestPingAndClose(t *testing.T) {
	t.Parallel()
	db, err := database.Open(t.Context(), database.Options{Module: "stock", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := database.Ping(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := database.Close(db); err != nil {
		t.Fatal(err)
	}
	if err := database.Ping(t.Context(), db); err == nil {
		t.Error("a closed database answers")
	}
}

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data? 100%#1") // characters that mean something in a DSN
	db, err := database.Open(t.Context(), database.Options{Module: "stock", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if got := database.Dialect(db); got != database.SQLite {
		t.Errorf("the dialect is %q", got)
	}
	migrate(t, db, files())
	create(t, db, item{ID: "a", Name: "a", At: time.Now()})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		var got string
		if err := db.Raw("PRAGMA " + pragma).Row().Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", pragma, got, err, want)
		}
	}
	if err := database.Close(db); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "stock.db"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the file's mode is %v, want 0600", mode)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "stock.db-*")); len(left) > 0 {
		t.Errorf("a clean stop left %v", left)
	}
}

func TestOpenSaysWhatIsWrongWithTheFile(t *testing.T) {
	t.Parallel()
	garbage := t.TempDir()
	if err := os.WriteFile(filepath.Join(garbage, "stock.db"), bytes.Repeat([]byte("no database "), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		garbage:                                 "stock.db; check that the file is a database",
		filepath.Join(garbage, "stock.db", "x"): "create the data folder",
	} {
		if _, err := database.Open(t.Context(), database.Options{Module: "stock", Dir: dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestLogHasStatementsButNoValues(t *testing.T) {
	t.Parallel()
	dbtest.EachEmpty(t, "stock", func(t *testing.T, db *gorm.DB) {
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		migrate(t, db, files())
		db.Logger = database.Logger(log, database.Dialect(db))
		const private = `private"o'neill@example.org`
		create(t, db, item{ID: "a", Name: private, At: time.Now()})
		var found []item
		err := errors.Join(db.Raw("SELECT * FROM items WHERE name = ?", private).Scan(&found).Error,
			db.Model(&item{}).Where("name = ?", private).Pluck("id", new([]string)).Error)
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		got := out.String()
		for _, want := range []string{"INSERT INTO", "items", "SELECT * FROM items WHERE name ="} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is missing in:\n%s", want, got)
			}
		}
		if strings.Contains(got, "private") || strings.Contains(got, "neill") || strings.Contains(got, "example.org") {
			t.Errorf("a value is in the log:\n%s", got)
		}
	})
}
