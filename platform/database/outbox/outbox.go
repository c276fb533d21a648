// Package outbox works a module's table of things to be sent: any number of processes take what is due, each row is held
// by one of them at a time, and what becomes of it is written only by the one that still holds it. A row is sent at least
// once: a process that dies between sending and writing that down leaves it to the next.
//
// The table is the module's own, with at least these columns: id, state ('waiting' at first), attempts, next_at,
// lease_token, lease_until, settled_at, reason; and an index on next_at of the rows that wait.
package outbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fiapx/fiapx/platform/database"
)

// State is what has become of a row.
type State string

// The states. Only waiting rows are ever taken.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	Failed  State = "failed"  // given up
	Dropped State = "dropped" // there was nothing to send any more
)

// Item is a row that this process holds.
type Item struct {
	ID       string
	Attempts int // with this one
	token    int64
}

// Outcome is what became of an attempt.
type Outcome struct {
	State  State
	At     time.Time
	NextAt time.Time // of a row that still waits
	Reason string    // for an operator; no addresses
}

// Table is one module's. Safe for concurrent use.
type Table struct {
	db   *database.DB
	name string
}

// New returns the table of that name, which is the program's and never a user's.
func New(db *database.DB, name string) Table { return Table{db: db, name: name} }

// The index is that of the rows that wait, by next_at. The CTE is materialized because a planner that ran it again could
// lock another row than the one that is updated.
const claim = `WITH due AS MATERIALIZED (
	SELECT id FROM /*table*/ WHERE state = 'waiting' AND next_at <= @now AND (lease_until IS NULL OR lease_until < @now)
	ORDER BY next_at, id LIMIT 1 /*lock*/)
UPDATE /*table*/ SET attempts = attempts + 1, lease_token = lease_token + 1, lease_until = @until
FROM due WHERE /*table*/.id = due.id AND state = 'waiting' RETURNING /*table*/.id, attempts, lease_token`

// Claim takes the row that is due longest and holds it until now+lease; ok is false when none is due. The processes'
// clocks may differ by less than the lease minus the time that sending takes.
func (t Table) Claim(ctx context.Context, now time.Time, lease time.Duration) (item Item, ok bool, err error) {
	sql := strings.ReplaceAll(claim, "/*table*/", t.name)
	if database.Dialect(t.db) == database.Postgres {
		sql = strings.Replace(sql, "/*lock*/", "FOR UPDATE SKIP LOCKED", 1)
	}
	var rows []struct {
		ID         string
		Attempts   int
		LeaseToken int64
	}
	err = database.InTx(ctx, t.db, func(tx *database.DB) error {
		rows = nil
		return tx.Raw(sql, map[string]any{"now": stored(now), "until": stored(now.Add(lease))}).Scan(&rows).Error
	})
	if err != nil || len(rows) == 0 {
		return Item{}, false, wrap("take from "+t.name, err)
	}
	return Item{ID: rows[0].ID, Attempts: rows[0].Attempts, token: rows[0].LeaseToken}, true, nil
}

// Settle writes what became of an attempt. held is false when another process has taken the row since; then nothing is
// written.
func (t Table) Settle(ctx context.Context, item Item, o Outcome) (held bool, err error) {
	values := map[string]any{"state": o.State, "lease_until": nil, "reason": o.Reason}
	if o.State == Waiting {
		values["next_at"] = stored(o.NextAt)
	} else {
		values["settled_at"] = stored(o.At)
	}
	res := t.db.WithContext(ctx).Table(t.name).
		Where("id = ? AND lease_token = ? AND state = 'waiting'", item.ID, item.token).Updates(values)
	return res.RowsAffected == 1, wrap("settle in "+t.name, res.Error)
}

// Purge deletes up to n rows that were settled before that time and tells how many.
func (t Table) Purge(ctx context.Context, before time.Time, n int) (int, error) {
	res := t.db.WithContext(ctx).Exec(
		"DELETE FROM "+t.name+" WHERE id IN (SELECT id FROM "+t.name+" WHERE settled_at < ? LIMIT ?)", stored(before), n)
	return int(res.RowsAffected), wrap("purge "+t.name, res.Error)
}

// stored is a time as the tables hold it. SQLite compares times as text, which works in one zone only.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
