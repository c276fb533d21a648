package repository

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

// Clock tells the time within a transaction.
type Clock func(tx *gorm.DB) (time.Time, error)

// ProcessClock is this process's own clock: right for SQLite, where there is one machine, and for tests.
func ProcessClock(now func() time.Time) Clock {
	return func(*gorm.DB) (time.Time, error) { return stored(now()), nil }
}

// DatabaseClock is the server's clock, so that leases do not depend on the clocks of many workers agreeing.
func DatabaseClock(tx *gorm.DB) (time.Time, error) {
	var now time.Time
	err := tx.Raw("SELECT clock_timestamp()").Scan(&now).Error
	return stored(now), err
}

// stored is a time as the tables hold it: UTC, microseconds. SQLite compares times as text, which works in one zone only.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Store is the module's tables. Safe for concurrent use.
type Store struct {
	db        *gorm.DB
	clock     Clock
	newID     func() string
	announced func()
	postgres  bool
}

// New returns a store; announced is called after a commit that left an event in the outbox.
func New(db *gorm.DB, clock Clock, newID func() string, announced func()) *Store {
	return &Store{db: db, clock: clock, newID: newID, announced: announced, postgres: database.Dialect(db) == "postgres"}
}

// Through is the same tables over other connections.
func (s *Store) Through(db *gorm.DB) *Store {
	other := *s
	other.db = db
	return &other
}

// change is one transaction with its time and the events it leaves.
type change struct {
	*gorm.DB
	store  *Store
	now    time.Time
	events int
}

func (s *Store) change(ctx context.Context, fn func(tx *change) error) error {
	var events int
	err := database.InTx(ctx, s.db, func(db *gorm.DB) error {
		now, err := s.clock(db)
		if err != nil {
			return err
		}
		tx := &change{DB: db, store: s, now: now}
		err = fn(tx)
		events = tx.events
		return err
	})
	if err == nil && events > 0 {
		s.announced()
	}
	return err
}

func (tx *change) announce(job domain.Job) error {
	event, err := domain.Announce(job, tx.store.newID(), tx.now)
	if err != nil {
		return err
	}
	tx.events++
	row := outboxRow{EventID: event.ID, EventType: event.Type, Topic: topic, Key: event.Key, Payload: string(event.Payload), CreatedAt: tx.now}
	return tx.Create(&row).Error
}

// skipLocked lets several processes pick different rows. SQLite has one writer at a time and needs no such thing.
func (s *Store) skipLocked(db *gorm.DB) *gorm.DB {
	if !s.postgres {
		return db
	}
	return db.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})
}

func (s *Store) locked(db *gorm.DB) *gorm.DB {
	if !s.postgres {
		return db
	}
	return db.Clauses(clause.Locking{Strength: "UPDATE"})
}

// secondsBetween is the SQL for b - a in seconds.
func (s *Store) secondsBetween(a, b string) string {
	if s.postgres {
		return "EXTRACT(EPOCH FROM (" + b + " - " + a + "))"
	}
	return "(julianday(" + b + ") - julianday(" + a + ")) * 86400"
}
