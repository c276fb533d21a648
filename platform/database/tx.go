package database

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

const (
	txTries   = 5
	firstWait = 20 * time.Millisecond // doubles with each try
)

// SQLSTATEs of PostgreSQL.
const (
	pgUnique        = "23505"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
)

// InTx runs fn in a transaction that commits when fn returns nil. A transaction that lost against another one (a
// deadlock, a serialization failure, a busy file) is rolled back and fn runs again, a few times; so fn must have no
// effects but those on tx. Within fn use tx only: the single writer of a SQLite file is taken, and waiting for it there
// would wait for ever. Inside a transaction InTx is a savepoint and tries once.
func InTx(ctx context.Context, db *gorm.DB, fn func(tx *gorm.DB) error) error {
	db = db.WithContext(ctx)
	if _, nested := db.Statement.ConnPool.(gorm.TxCommitter); nested {
		return db.Transaction(fn)
	}
	wait := firstWait
	for try := 1; ; try++ {
		err := db.Transaction(fn)
		if err == nil || try == txTries || !lostRace(err) {
			return err
		}
		if ctxErr := pause(ctx, wait); ctxErr != nil {
			return errors.Join(ctxErr, err)
		}
		wait *= 2
	}
}

// IsUnique says whether err is the violation of a unique index or primary key.
func IsUnique(err error) bool {
	return errors.Is(err, gorm.ErrDuplicatedKey) || pgCode(err, pgUnique) || sqliteUnique(err)
}

// NotFound says whether err means that a query for one row gave none.
func NotFound(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows)
}

func lostRace(err error) bool {
	return pgCode(err, pgSerialization, pgDeadlock) || sqliteBusy(err)
}

func pgCode(err error, codes ...string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// pause waits for d, give or take half of it, so that two losers do not meet again.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d/2 + rand.N(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
