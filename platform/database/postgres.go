package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// Connections are renewed and let go, so that a fail-over or a scaled pooler is noticed without a restart.
const (
	connLifetime = 30 * time.Minute
	connIdle     = 5 * time.Minute
)

func openPostgres(ctx context.Context, o Options) (*gorm.DB, error) {
	if !isPostgres(o.URL.Reveal()) {
		return nil, errors.New("the database URL must begin with postgres://; leave it empty to use SQLite files")
	}
	cfg, err := pgx.ParseConfig(o.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err) // pgx leaves the password out
	}
	schema := o.Schema
	if schema == "" {
		schema = o.Module
	}
	cfg.RuntimeParams["search_path"] = pgx.Identifier{schema}.Sanitize()
	cfg.RuntimeParams["timezone"] = "UTC"
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "fiapx " + o.Module
	}
	conns := o.Conns
	if conns == 0 {
		conns = defaultConns
	}
	pool := limit(stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(readTimesInUTC)), conns)
	pool.SetConnMaxLifetime(connLifetime)
	pool.SetConnMaxIdleTime(connIdle)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("connect to PostgreSQL at %s:%d; check the database URL and that the server runs: %w", cfg.Host, cfg.Port, err)
	}
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: pool}), gormConfig(o.Log, postgresValues))
	if err != nil {
		_ = pool.Close()
		return nil, err
	}
	return db, nil
}

// readTimesInUTC: pgx otherwise gives a timestamptz in the zone of this machine.
func readTimesInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}
