package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
)

// OnQueue has do work on the queue of the configured database, beside the servers that run.
func OnQueue(ctx context.Context, cfg Config, log *slog.Logger, do func(videos.Operator) error) (err error) {
	db, err := database.Open(ctx, cfg.options(moduleVideos, log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close(db)) }()
	if err := forOperator(database.CheckVersion(ctx, db, moduleVideos)); err != nil {
		return err
	}
	return do(videos.NewOperator(cfg.Videos, db, log, time.Now))
}
