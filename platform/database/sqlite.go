//go:build cgo

package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// readers is how many queries of one file run beside each other and beside the writer.
const readers = 4

func openSQLite(ctx context.Context, o Options) (*gorm.DB, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data folder: %w", err)
	}
	path := filepath.Join(o.Dir, o.Module+".db")
	pool, err := openPair(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s; check that the file is a database and that its folder is writable: %w", path, err)
	}
	db, err := gorm.Open(sqlite.New(sqlite.Config{Conn: pool}), gormConfig(o.Log, sqliteValues))
	if err != nil {
		_ = pool.Close()
		return nil, err
	}
	return db, nil
}

// openPair opens the writer first: it creates the file and turns WAL on, which a read-only connection cannot.
func openPair(ctx context.Context, path string) (*splitPool, error) {
	write, err := openFile(ctx, path, 1, url.Values{
		"_journal_mode": {"WAL"},
		// FULL, because an answered submission must survive a power cut; NORMAL may lose the last commits in WAL mode.
		"_synchronous": {"FULL"},
		// A transaction that begins as a reader and turns writer fails at once when another process wrote meanwhile.
		"_txlock": {"immediate"},
	})
	if err != nil {
		return nil, err
	}
	// The file holds password hashes and e-mail addresses.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := openFile(ctx, path, readers, url.Values{"_query_only": {"true"}})
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &splitPool{write: write, read: read}, nil
}

func openFile(ctx context.Context, path string, conns int, params url.Values) (*sql.DB, error) {
	params.Set("_busy_timeout", "10000") // milliseconds; another process (fiapx migrate) may be writing
	params.Set("_foreign_keys", "true")
	params.Set("_loc", "UTC")
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: params.Encode()}
	db, err := sql.Open(sqlite.DriverName, dsn.String())
	if err != nil {
		return nil, err
	}
	limit(db, conns)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func sqliteUnique(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) &&
		(e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}

func sqliteBusy(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}
