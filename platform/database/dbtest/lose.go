package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/platform/database"
)

var errReset = errors.New("connection reset by peer")

// LoseCommit has the nth transaction from now on commit and report that its connection was reset, as when the answer of the
// server is lost on the way. Call it before the database is in use by others, since it changes db.
func LoseCommit(db *database.DB, n int) {
	pool := &lossy{ConnPool: db.Statement.ConnPool}
	pool.left.Store(int64(n))
	db.Statement.ConnPool = pool
}

type lossy struct {
	gorm.ConnPool
	left atomic.Int64
}

// BeginTx is part of gorm.ConnPoolBeginner.
func (l *lossy) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	switch pool := l.ConnPool.(type) {
	case gorm.ConnPoolBeginner:
		tx, err := pool.BeginTx(ctx, opts)
		return &lossyTx{ConnPool: tx, left: &l.left}, err
	case gorm.TxBeginner:
		tx, err := pool.BeginTx(ctx, opts)
		return &lossyTx{ConnPool: tx, left: &l.left}, err
	}
	return nil, gorm.ErrInvalidTransaction
}

type lossyTx struct {
	gorm.ConnPool
	left *atomic.Int64
}

// Commit is part of gorm.TxCommitter.
func (l *lossyTx) Commit() error {
	tx, ok := l.ConnPool.(gorm.TxCommitter)
	if !ok {
		return gorm.ErrInvalidTransaction
	}
	err := tx.Commit()
	if l.left.Add(-1) == 0 {
		return errors.Join(err, errReset)
	}
	return err
}

// Rollback is part of gorm.TxCommitter.
func (l *lossyTx) Rollback() error {
	tx, ok := l.ConnPool.(gorm.TxCommitter)
	if !ok {
		return gorm.ErrInvalidTransaction
	}
	return tx.Rollback()
}
