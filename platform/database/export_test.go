package database

import (
	"log/slog"

	"gorm.io/gorm/logger"
)

// The migration runner over other files than the embedded ones, for the tests of this package.
var (
	MigrateFiles = migrate
	StatusFiles  = status
	CheckFiles   = checkVersion
)

// Logger is what Open gives gorm in that dialect.
func Logger(log *slog.Logger, dialect string) logger.Interface {
	values := postgresValues
	if dialect == SQLite {
		values = sqliteValues
	}
	return gormConfig(log, values).Logger
}
