package database_test

import (
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

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for url, want := range map[config.Secret]string{
		"mysql://root:hunter2@localhost/x":                      "must begin with postgres://",
		"postgres://me:hunter2@127.0.0.1:1/x?connect_timeout=2": "check the database URL and that the server runs",
		"postgres://me:hunter2@127.0.0.1:none/x":                "read the database URL",
	} {
		_, err := database.Open(t.Context(), database.Options{Module: "stock", URL: url})
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
