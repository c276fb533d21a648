package database_test

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// item is a row of the table that the tests' own migrations make.
type item struct {
	ID    string `gorm:"primaryKey"`
	Name  string
	Count int
	At    time.Time
	Seen  *time.Time
}

func (item) TableName() string { return "items" }

// files holds two migrations of module stock and one of another module, which must never run for stock.
func files(extra ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	add := func(name, sqlite, postgres string) {
		fsys["sqlite/"+name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + sqlite)}
		fsys["postgres/"+name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + postgres)}
	}
	add("0001_stock_items.sql",
		"CREATE TABLE items (id TEXT PRIMARY KEY, name TEXT NOT NULL, count INTEGER NOT NULL, at TIMESTAMP NOT NULL, seen TIMESTAMP);",
		"CREATE TABLE items (id TEXT PRIMARY KEY, name TEXT NOT NULL, count BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL, seen TIMESTAMPTZ);")
	add("0003_stock_unique_name.sql",
		"CREATE UNIQUE INDEX items_name ON items (name);\nCREATE TABLE parts (id TEXT PRIMARY KEY, item TEXT NOT NULL REFERENCES items (id));",
		"CREATE UNIQUE INDEX items_name ON items (name);\nCREATE TABLE parts (id TEXT PRIMARY KEY, item TEXT NOT NULL REFERENCES items (id));")
	add("0002_other_table.sql", "CREATE TABLE other (id TEXT);", "CREATE TABLE other (id TEXT);")
	for _, name := range extra {
		add(name, "CREATE TABLE extra (id TEXT);", "CREATE TABLE extra (id TEXT);")
	}
	return fsys
}

// each runs test on both dialects with the tables of files.
func each(t *testing.T, test func(t *testing.T, db *gorm.DB)) {
	t.Helper()
	t.Parallel()
	dbtest.EachEmpty(t, "stock", func(t *testing.T, db *gorm.DB) {
		t.Parallel()
		migrate(t, db, files())
		test(t, db.WithContext(t.Context()))
	})
}

func migrate(t *testing.T, db *gorm.DB, fsys fs.FS) []string {
	t.Helper()
	applied, err := database.MigrateFiles(t.Context(), db, fsys, "stock", nil)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func create(t *testing.T, db *gorm.DB, it item) {
	t.Helper()
	if err := db.Create(&it).Error; err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, db *gorm.DB, id string) item {
	t.Helper()
	var it item
	if err := db.First(&it, "id = ?", id).Error; err != nil {
		t.Fatal(err)
	}
	return it
}
