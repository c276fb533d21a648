package database_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/migrations"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// The files that ship build every module's tables from nothing, in both dialects and under the same names.
func TestEmbeddedMigrations(t *testing.T) {
	t.Parallel()
	names := map[string][]string{}
	var modules []string
	for _, dialect := range []string{database.SQLite, database.Postgres} {
		entries, err := fs.ReadDir(migrations.Files, dialect)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names[dialect] = append(names[dialect], e.Name())
			modules = append(modules, strings.Split(e.Name(), "_")[1])
		}
	}
	if s, p := names[database.SQLite], names[database.Postgres]; !slices.Equal(s, p) {
		t.Errorf("the dialects have different files:\n%v\n%v", s, p)
	}
	slices.Sort(modules)
	for _, module := range slices.Compact(modules) {
		t.Run(module, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, module, func(t *testing.T, db *gorm.DB) {
				if err := database.CheckVersion(t.Context(), db, module); err != nil {
					t.Error(err)
				}
				states, err := database.Status(t.Context(), db, module)
				if err != nil || len(states) == 0 {
					t.Fatalf("got %v, %v", states, err)
				}
			})
		})
	}
}
