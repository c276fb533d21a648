//go:build !cgo

package database

import (
	"context"

	"gorm.io/gorm"
)

func openSQLite(context.Context, Options) (*gorm.DB, error) { return nil, ErrNoSQLite }

func sqliteUnique(error) bool { return false }

func sqliteBusy(error) bool { return false }
