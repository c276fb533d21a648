package database_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestMigrateAppliesOnlyTheModulesFilesOnce(t *testing.T) {
	t.Parallel()
	dbtest.EachEmpty(t, "stock", func(t *testing.T, db *gorm.DB) {
		applied := migrate(t, db, files())
		if want := []string{"0001_stock_items.sql", "0003_stock_unique_name.sql"}; !slices.Equal(applied, want) {
			t.Fatalf("applied %v, want %v", applied, want)
		}
		if db.Migrator().HasTable("other") {
			t.Error("a table of another module was created")
		}
		if again := migrate(t, db, files()); len(again) != 0 {
			t.Errorf("applied %v a second time", again)
		}
		// A branch with a lower number may be merged later.
		late := migrate(t, db, files("0002_stock_late.sql"))
		if want := []string{"0002_stock_late.sql"}; !slices.Equal(late, want) {
			t.Errorf("applied %v, want %v", late, want)
		}
	})
}

func TestMigrateTwiceAtOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for a lock, a second at a time")
	}
	dbtest.EachEmpty(t, "stock", func(t *testing.T, db *gorm.DB) {
		var g errgroup.Group
		counts := make([]int, 3)
		for i := range counts {
			g.Go(func() error {
				applied, err := database.MigrateFiles(t.Context(), db, files(), "stock", nil)
				counts[i] = len(applied)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if sum := counts[0] + counts[1] + counts[2]; sum != 2 {
			t.Errorf("%d migrations were applied by three runs, want 2", sum)
		}
	})
}

func TestMigrateRollsABrokenFileBack(t *testing.T) {
	t.Parallel()
	dbtest.EachEmpty(t, "stock", func(t *testing.T, db *gorm.DB) {
		broken := files()
		for _, dialect := range []string{"sqlite", "postgres"} {
			broken[dialect+"/0003_stock_unique_name.sql"].Data = []byte("-- +goose Up\nCREATE TABLE half (id TEXT);\nCREATE NONSENSE;\n")
		}
		applied, err := database.MigrateFiles(t.Context(), db, broken, "stock", nil)
		if err == nil || !strings.Contains(err.Error(), "0003_stock_unique_name.sql") || len(applied) != 1 {
			t.Fatalf("got %v, %v, want the first file and an error that names the second", applied, err)
		}
		if db.Migrator().HasTable("half") {
			t.Error("half a migration stayed")
		}
		if rest := migrate(t, db, files()); len(rest) != 1 {
			t.Errorf("after the repair %v was applied, want the repaired file", rest)
		}
	})
}

func TestMigrateRefuses(t *testing.T) {
	t.Parallel()
	for name, module := range map[string]string{"0004_stock.sql": "stock", "x_stock_y.sql": "stock", "0004_stock_z.sql": "unknown"} {
		if _, err := database.MigrateFiles(t.Context(), dbtest.Empty(t, "stock"), files(name), module, nil); err == nil {
			t.Errorf("%s with module %s was accepted", name, module)
		}
	}
}

func TestCheckVersionAndStatus(t *testing.T) {
	t.Parallel()
	dbtest.EachEmpty(t, "stock", func(t *testing.T, db *gorm.DB) {
		check := func(want string, extra ...string) {
			t.Helper()
			err := database.CheckFiles(t.Context(), db, files(extra...), "stock")
			if want == "" {
				if err != nil {
					t.Fatalf("got %v, want none", err)
				}
				return
			}
			if !errors.Is(err, database.ErrSchema) || fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), want) {
				t.Fatalf("got %v, want %q", err, want)
			}
		}
		check("the database schema of stock is behind (has 0, needs 3); run `fiapx migrate up` first")
		if db.Migrator().HasTable("schema_migrations") {
			t.Error("looking at the version created a table")
		}
		migrate(t, db, files())
		check("")
		check("the database schema of stock is behind (has 3, needs 4); run `fiapx migrate up` first", "0004_stock_more.sql")
		check("the database schema of stock is behind (has 3, needs 3)", "0002_stock_late.sql")

		states, err := database.StatusFiles(t.Context(), db, files("0004_stock_more.sql"), "stock")
		if err != nil || len(states) != 3 {
			t.Fatalf("got %v, %v, want three migrations", states, err)
		}
		if states[0].Name != "0001_stock_items.sql" || states[0].Applied == nil || states[0].Applied.IsZero() {
			t.Errorf("got %+v, want the first one as applied", states[0])
		}
		if states[2].Name != "0004_stock_more.sql" || states[2].Applied != nil {
			t.Errorf("got %+v, want the last one as pending", states[2])
		}

		migrate(t, db, files("0004_stock_more.sql"))
		check("the database schema of stock is newer than this program (has 4, knows 3); run a newer fiapx")
	})
}
