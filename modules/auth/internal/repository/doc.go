// Package repository keeps users, sessions and refresh tokens in the module's tables, on SQLite and PostgreSQL alike.
// The SQL in migrations is the truth about the schema. Each method is one transaction and returns domain types.
package repository

import (
	"context"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/platform/database"
)

// Store is every query of the module. Safe for concurrent use.
type Store struct{ db *gorm.DB }

// New returns a store over an open, migrated database.
func New(db *gorm.DB) *Store { return &Store{db: db} }

func (s *Store) with(ctx context.Context) *gorm.DB { return s.db.WithContext(ctx) }

func (s *Store) tx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return database.InTx(ctx, s.db, fn)
}
