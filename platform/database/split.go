package database

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
)

// splitPool gives SQLite what it is good at: one writer, for whom Go's pool queues fairly, and a few readers that never
// wait for it. With a single pool writers would meet inside SQLite instead, which makes them sleep and poll.
//
// Times are written in UTC, because SQLite keeps them as text and compares them as such.
type splitPool struct {
	write, read *sql.DB
}

var (
	_ gorm.ConnPoolBeginner = (*splitPool)(nil)
	_ gorm.GetDBConnector   = (*splitPool)(nil)
	_ gorm.TxCommitter      = (*utcTx)(nil)
)

func (p *splitPool) pick(query string) *sql.DB {
	const verb = "SELECT"
	query = strings.TrimSpace(query)
	if len(query) >= len(verb) && strings.EqualFold(query[:len(verb)], verb) {
		return p.read
	}
	return p.write // also WITH, which may end in an UPDATE
}

// PrepareContext is part of gorm.ConnPool.
func (p *splitPool) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return p.pick(query).PrepareContext(ctx, query)
}

// ExecContext is part of gorm.ConnPool.
func (p *splitPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return p.write.ExecContext(ctx, query, inUTC(args)...)
}

// QueryContext is part of gorm.ConnPool.
func (p *splitPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.pick(query).QueryContext(ctx, query, inUTC(args)...)
}

// QueryRowContext is part of gorm.ConnPool.
func (p *splitPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.pick(query).QueryRowContext(ctx, query, inUTC(args)...)
}

// BeginTx starts a transaction on the writer, unless it is declared read-only.
func (p *splitPool) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	db := p.write
	if opts != nil && opts.ReadOnly {
		db = p.read
	}
	tx, err := db.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &utcTx{Tx: tx}, nil
}

// GetDBConn gives the writer, on which migrations run.
func (p *splitPool) GetDBConn() (*sql.DB, error) { return p.write, nil }

// Close ends the readers first: the last connection to leave folds the log file into the database.
func (p *splitPool) Close() error { return errors.Join(p.read.Close(), p.write.Close()) }

// utcTx is a transaction with the same care for times.
type utcTx struct{ *sql.Tx }

// ExecContext is part of gorm.ConnPool.
func (t *utcTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.Tx.ExecContext(ctx, query, inUTC(args)...)
}

// QueryContext is part of gorm.ConnPool.
func (t *utcTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.Tx.QueryContext(ctx, query, inUTC(args)...)
}

// QueryRowContext is part of gorm.ConnPool.
func (t *utcTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.Tx.QueryRowContext(ctx, query, inUTC(args)...)
}

// inUTC returns args with every time in UTC; the caller's slice stays as it is, because gorm logs and reuses it.
func inUTC(args []any) []any {
	out := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case time.Time:
			out[i] = toUTC(v)
		case *time.Time:
			if out[i] = arg; v != nil {
				out[i] = toUTC(*v)
			}
		case sql.NullTime:
			if out[i] = arg; v.Valid {
				out[i] = toUTC(v.Time)
			}
		default:
			out[i] = arg
		}
	}
	return out
}
