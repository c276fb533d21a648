package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/platform/database"
)

// Operate lets do work on the accounts in the database. Servers may run meanwhile. SQLite files are made and brought up to date;
// a PostgreSQL schema must be current.
func Operate(ctx context.Context, cfg Config, log *slog.Logger, do func(*auth.Operator) error) (err error) {
	db, err := database.Open(ctx, cfg.options(moduleAuth, log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close(db)) }()
	if database.Dialect(db) == database.SQLite {
		_, err = database.Migrate(ctx, db, moduleAuth, log)
	} else {
		err = forOperator(database.CheckVersion(ctx, db, moduleAuth))
	}
	if err != nil {
		return err
	}
	operator, err := auth.NewOperator(cfg.Auth, db, log, time.Now)
	if err != nil {
		return err
	}
	return do(operator)
}
