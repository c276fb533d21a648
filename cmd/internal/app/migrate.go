package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/platform/database"
)

// Migration is one step of a module's schema.
type Migration struct {
	Module  string     `json:"module"`
	Name    string     `json:"name"`
	Applied *time.Time `json:"applied_at"`
}

// Migrate brings the databases of all modules up to date, makes the topics of Kafka where that is configured, and tells what that
// took.
func Migrate(ctx context.Context, cfg Config, log *slog.Logger) (applied []Migration, err error) {
	err = eachDatabase(ctx, cfg, log, func(module string, db *database.DB) error {
		names, err := database.Migrate(ctx, db, module, log)
		now := time.Now().UTC()
		for _, name := range names {
			applied = append(applied, Migration{Module: module, Name: name, Applied: &now})
		}
		return err
	})
	if err != nil {
		return applied, err
	}
	made, err := ensureTopics(ctx, cfg, log)
	return append(applied, made...), err
}

// MigrationStatus lists all steps; those without a time are still to be taken.
func MigrationStatus(ctx context.Context, cfg Config, log *slog.Logger) (all []Migration, err error) {
	err = eachDatabase(ctx, cfg, log, func(module string, db *database.DB) error {
		steps, err := database.Status(ctx, db, module)
		for _, s := range steps {
			all = append(all, Migration{Module: module, Name: s.Name, Applied: s.Applied})
		}
		return err
	})
	if err != nil {
		return all, err
	}
	pending, err := lookAtTopics(ctx, cfg)
	return append(all, pending...), err
}

func eachDatabase(ctx context.Context, cfg Config, log *slog.Logger, visit func(module string, db *database.DB) error) error {
	for _, module := range withDatabase {
		db, err := database.Open(ctx, cfg.options(module, log))
		if err != nil {
			return err
		}
		if err := errors.Join(visit(module, db), database.Close(db)); err != nil {
			return err
		}
	}
	return nil
}
