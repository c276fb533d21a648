package database_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/database"
)

func TestTimesComeBackInUTCAndCompare(t *testing.T) {
	each(t, func(t *testing.T, db *gorm.DB) {
		// A zone in which the text of an instant sorts elsewhere than the text of the same instant in UTC.
		zone := time.FixedZone("far", -11*3600)
		at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
		seen := at.In(zone)
		create(t, db, item{ID: "a", Name: "a", At: at.In(zone), Seen: &seen})
		got := find(t, db, "a")
		want := at.Truncate(time.Microsecond)
		if got.At != want || got.Seen == nil || *got.Seen != want {
			t.Fatalf("got %v and %v, want %v twice", got.At, got.Seen, want)
		}
		var n int64
		for _, bound := range []any{at.Add(time.Second).In(zone), &seen} {
			err := database.InTx(t.Context(), db, func(tx *gorm.DB) error {
				return tx.Model(&item{}).Where("at <= ?", bound).Count(&n).Error
			})
			if err != nil || n != 1 {
				t.Errorf("%d rows are not after %v (%v), want 1", n, bound, err)
			}
		}
	})
}

func TestUpdateReturning(t *testing.T) {
	each(t, func(t *testing.T, db *gorm.DB) {
		create(t, db, item{ID: "a", Name: "a", At: time.Now()})
		var got item
		err := db.Raw("UPDATE items SET count = count + 1 WHERE id = ? RETURNING *", "a").Scan(&got).Error
		if err != nil || got.Count != 1 || got.At.Location() != time.UTC {
			t.Fatalf("got %+v, %v", got, err)
		}
		var rows []item
		err = db.Model(&rows).Clauses(clause.Returning{}).Where("count = ?", 1).Update("count", 5).Error
		if err != nil || len(rows) != 1 || rows[0].Count != 5 || rows[0].At.IsZero() {
			t.Fatalf("got %+v, %v", rows, err)
		}
		if now := find(t, db, "a"); now.Count != 5 {
			t.Errorf("a reader sees count %d, want 5", now.Count)
		}
	})
}

func TestErrorsOfBothDialects(t *testing.T) {
	each(t, func(t *testing.T, db *gorm.DB) {
		create(t, db, item{ID: "a", Name: "a", At: time.Now()})
		for _, double := range []item{{ID: "a", Name: "b", At: time.Now()}, {ID: "b", Name: "a", At: time.Now()}} {
			if err := db.Create(&double).Error; !database.IsUnique(err) {
				t.Errorf("%+v: got %v, want a unique violation", double, err)
			}
		}
		err := db.Exec("INSERT INTO parts (id, item) VALUES ('p', 'missing')").Error
		if err == nil || database.IsUnique(err) {
			t.Errorf("got %v, want the violation of a foreign key", err)
		}
		err = db.First(&item{}, "id = ?", "missing").Error
		if !database.NotFound(err) || database.IsUnique(err) {
			t.Errorf("got %v, want not found", err)
		}
		if database.NotFound(nil) || database.IsUnique(nil) {
			t.Error("no error is taken for one")
		}
	})
}

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

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	garbage := t.TempDir()
	if err := os.WriteFile(filepath.Join(garbage, "stock.db"), bytes.Repeat([]byte("no database "), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]database.Options{
		"stock.db; check that the file is a database":     {Module: "stock", Dir: garbage},
		"create the data folder":                          {Module: "stock", Dir: filepath.Join(garbage, "stock.db", "x")},
		"must begin with postgres://":                     {Module: "stock", URL: "mysql://root:hunter2@localhost/x"},
		"check the database URL and that the server runs": {Module: "stock", URL: "postgres://me:hunter2@127.0.0.1:1/x?connect_timeout=2"},
		"read the database URL":                           {Module: "stock", URL: "postgres://me:hunter2@127.0.0.1:none/x"},
	} {
		_, err := database.Open(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is in %q", err)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	for _, good := range []database.Config{{}, {URL: "postgres://h/d", Conns: 4}, {URL: "postgresql://h/d"}} {
		if err := good.Validate(); err != nil {
			t.Errorf("%+v: %v", good.Conns, err)
		}
	}
	err := database.Config{URL: config.Secret("mysql://h"), Conns: -1}.Validate()
	for _, want := range []string{"FIAPX_DATABASE_URL", "FIAPX_DATABASE_CONNS"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
}

func TestLogHasStatementsButNoValues(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	db, err := database.Open(t.Context(), database.Options{Module: "stock", Dir: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close(db) })
	migrate(t, db, files())
	create(t, db, item{ID: "a", Name: "private@example.org", At: time.Now()})
	if got := out.String(); !strings.Contains(got, "INSERT INTO `items`") || strings.Contains(got, "private@example.org") {
		t.Errorf("want the statement without its values, got:\n%s", got)
	}
}
