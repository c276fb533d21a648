package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/platform/database"
)

// KeyChange is what a rotation of the signing keys did, by the ids of the keys.
type KeyChange struct {
	Current  string `json:"current"`
	Next     string `json:"next"`
	Retiring string `json:"retiring,omitempty"`
}

// RotateKeys has another key sign access tokens; leaked replaces all of them. Servers that run follow by themselves.
func RotateKeys(ctx context.Context, cfg Config, log *slog.Logger, leaked bool) (change KeyChange, err error) {
	db, err := database.Open(ctx, cfg.options(moduleAuth, log))
	if err != nil {
		return change, err
	}
	defer func() { err = errors.Join(err, database.Close(db)) }()
	if err := forOperator(database.CheckVersion(ctx, db, moduleAuth)); err != nil {
		return change, err
	}
	did, err := auth.RotateKeys(ctx, cfg.Auth, auth.Deps{DB: db, Log: log, Now: time.Now, KeyDir: cfg.keys()}, leaked)
	return KeyChange(did), err
}
