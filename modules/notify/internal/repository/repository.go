// Package repository keeps the deliveries and how far the search for missed ends has come.
package repository

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/notify/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

// Deliveries is the table that mails wait in.
const Deliveries = "deliveries"

// Store is the module's tables. Safe for concurrent use.
type Store struct{ db *database.DB }

// New returns a store over an open, migrated database.
func New(db *database.DB) *Store { return &Store{db: db} }

type deliveryRow struct {
	ID        string
	JobID     string
	Kind      string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	NextAt    time.Time
}

// TableName implements gorm's naming.
func (deliveryRow) TableName() string { return Deliveries }

type progressRow struct {
	Name string
	UpTo time.Time
}

// TableName implements gorm's naming.
func (progressRow) TableName() string { return "progress" }

// ends is the row of the search for ends.
const ends = "ended jobs"

// Enlist stores deliveries; the primary key leaves out those that are there.
func (s *Store) Enlist(ctx context.Context, deliveries ...domain.Delivery) (int, error) {
	rows := make([]deliveryRow, len(deliveries))
	for i, d := range deliveries {
		rows[i] = deliveryRow{ID: d.ID(), JobID: d.JobID, Kind: string(d.Kind), CreatedAt: stored(d.At), NextAt: stored(d.At)}
	}
	res := s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
	return int(res.RowsAffected), wrap("enlist deliveries", res.Error)
}

// UpTo reads how far the search has come, and begins it when it has not been.
func (s *Store) UpTo(ctx context.Context, start time.Time) (time.Time, error) {
	row := progressRow{Name: ends, UpTo: stored(start)}
	if err := s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return time.Time{}, wrap("begin the search for ends", err)
	}
	err := s.db.WithContext(ctx).Where("name = ?", ends).Take(&row).Error
	return row.UpTo.UTC(), wrap("read how far the search for ends has come", err)
}

// Advance moves it forward.
func (s *Store) Advance(ctx context.Context, to time.Time) error {
	err := s.db.WithContext(ctx).Model(&progressRow{}).Where("name = ? AND up_to < ?", ends, stored(to)).Update("up_to", stored(to)).Error
	return wrap("note how far the search for ends has come", err)
}

func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
