//go:build !cgo

package database

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

var errNoSQLite = errors.New("this build has no SQLite (it was built without cgo); set FIAPX_DATABASE_URL to a PostgreSQL database, or use a build with cgo")

func openSQLite(context.Context, Options) (*gorm.DB, error) { return nil, errNoSQLite }

func sqliteUnique(error) bool { return false }

func sqliteBusy(error) bool { return false }
