package database_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/fiapx/fiapx/platform/database"
)

var errNo = errors.New("no")

func TestInTx(t *testing.T) {
	each(t, func(t *testing.T, db *gorm.DB) {
		err := database.InTx(t.Context(), db, func(tx *gorm.DB) error {
			create(t, tx, item{ID: "gone", Name: "gone", At: time.Now()})
			return errNo
		})
		if !errors.Is(err, errNo) {
			t.Fatalf("got %v, want the error of the function", err)
		}
		err = database.InTx(t.Context(), db, func(tx *gorm.DB) error {
			create(t, tx, item{ID: "a", Name: "a", At: time.Now()})
			inner := database.InTx(t.Context(), tx, func(tx *gorm.DB) error {
				create(t, tx, item{ID: "b", Name: "b", At: time.Now()})
				return errNo
			})
			if !errors.Is(inner, errNo) {
				t.Errorf("the inner one returned %v", inner)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		if err := db.Model(&item{}).Pluck("id", &ids).Error; err != nil || len(ids) != 1 || ids[0] != "a" {
			t.Errorf("got %v, %v, want only what was committed", ids, err)
		}
	})
}

func TestInTxKeepsReadersOutUntilCommit(t *testing.T) {
	each(t, func(t *testing.T, db *gorm.DB) {
		err := database.InTx(t.Context(), db, func(tx *gorm.DB) error {
			create(t, tx, item{ID: "a", Name: "a", At: time.Now()})
			if err := db.First(&item{}, "id = ?", "a").Error; !database.NotFound(err) {
				t.Errorf("a reader got %v, want not found before the commit", err)
			}
			return tx.First(&item{}, "id = ?", "a").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		find(t, db, "a")
	})
}

// Read, think, write: the pattern that deadlocks where a transaction begins as a reader, and loses updates where it does
// not lock at all.
func TestConcurrentTransactionsLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, db *gorm.DB) {
		const writers, rounds = 8, 10
		create(t, db, item{ID: "a", Name: "a", At: time.Now()})
		lock := ""
		if database.Dialect(db) == database.Postgres {
			lock = " FOR UPDATE"
		}
		var g errgroup.Group
		for range writers {
			g.Go(func() error {
				for range rounds {
					err := database.InTx(t.Context(), db, func(tx *gorm.DB) error {
						var n int
						if err := tx.Raw("SELECT count FROM items WHERE id = 'a'" + lock).Scan(&n).Error; err != nil {
							return err
						}
						return tx.Exec("UPDATE items SET count = ? WHERE id = 'a'", n+1).Error
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if got := find(t, db, "a").Count; got != writers*rounds {
			t.Errorf("counted %d, want %d", got, writers*rounds)
		}
	})
}

// Two transactions take two rows in opposite order. PostgreSQL ends one as the victim, which must simply run again; the
// single writer of SQLite has them queue.
func TestInTxRunsTheVictimOfADeadlockAgain(t *testing.T) {
	each(t, func(t *testing.T, db *gorm.DB) {
		create(t, db, item{ID: "a", Name: "a", At: time.Now()})
		create(t, db, item{ID: "b", Name: "b", At: time.Now()})
		add := func(tx *gorm.DB, id string) error {
			return tx.Exec("UPDATE items SET count = count + 1 WHERE id = ?", id).Error
		}
		haveFirst := make(chan struct{}, 2)
		run := func(first, second string) func() error {
			tries := 0
			return func() error {
				return database.InTx(t.Context(), db, func(tx *gorm.DB) error {
					tries++
					if err := add(tx, first); err != nil {
						return err
					}
					if tries == 1 && database.Dialect(db) == database.Postgres {
						haveFirst <- struct{}{}
						for len(haveFirst) < cap(haveFirst) {
							if err := tx.Exec("SELECT pg_sleep(0.01)").Error; err != nil {
								return err
							}
						}
					}
					return add(tx, second)
				})
			}
		}
		var g errgroup.Group
		g.Go(run("a", "b"))
		g.Go(run("b", "a"))
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if a, b := find(t, db, "a"), find(t, db, "b"); a.Count != 2 || b.Count != 2 {
			t.Errorf("counted %d and %d, want 2 and 2", a.Count, b.Count)
		}
	})
}

func TestWaitingWritersRespectTheirContext(t *testing.T) {
	each(t, func(t *testing.T, db *gorm.DB) {
		create(t, db, item{ID: "a", Name: "a", At: time.Now()})
		err := database.InTx(t.Context(), db, func(tx *gorm.DB) error {
			if err := tx.Exec("UPDATE items SET count = 1 WHERE id = 'a'").Error; err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			err := database.InTx(ctx, db, func(other *gorm.DB) error {
				return other.Exec("UPDATE items SET count = 2 WHERE id = 'a'").Error
			})
			if err == nil || ctx.Err() == nil {
				t.Errorf("a second writer got %v while the first held the row", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
