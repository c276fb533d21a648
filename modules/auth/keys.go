package auth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/repository"
	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/database"
)

const (
	// tendEvery is how often a process looks for keys that another one has changed.
	tendEvery = 30 * time.Second
	// slack covers that, twice, and clocks that disagree.
	slack = 2*tendEvery + time.Minute
)

// keeper keeps the keys of a ring current.
type keeper interface {
	Open(ctx context.Context) error
	Tend(ctx context.Context) error
}

func (c Config) plan() domain.KeyPlan {
	return domain.KeyPlan{
		Algorithm: c.Algorithm, Every: c.KeyRotation,
		Lead: 2*authn.KeysKept + slack, Keep: c.lifetimes().Longest() + slack,
	}
}

// newRing is a ring for the signing keys in the files that the operator names, or else in the database.
func newRing(cfg Config, deps Deps) (*token.Ring, keeper, error) {
	if len(cfg.KeyFiles) > 0 {
		ring := token.NewRing(nil)
		return ring, token.NewFiles(ring, cfg.KeyFiles, cfg.plan().Keep, deps.Now, deps.Log), nil
	}
	keys, ring, err := storedKeys(cfg, deps)
	return ring, keys, err
}

func storedKeys(cfg Config, deps Deps) (usecase.Keys, *token.Ring, error) {
	sealer, err := openSealer(cfg, deps)
	if err != nil {
		return usecase.Keys{}, nil, err
	}
	ring := token.NewRing(sealer)
	return usecase.Keys{
		Basis: usecase.Basis{Now: deps.Now, NewID: uuid.NewString, Log: deps.Log},
		Store: repository.New(deps.DB), Forge: token.Forge{Sealer: sealer, Dir: deps.KeyDir}, Ring: ring, Plan: cfg.plan(),
	}, ring, nil
}

func openSealer(cfg Config, deps Deps) (*token.Sealer, error) {
	variable, text := "FIAPX_AUTH_KEK", cfg.KEK.Reveal()
	if cfg.KEKFile != "" {
		data, err := os.ReadFile(cfg.KEKFile)
		if err != nil {
			return nil, fmt.Errorf("FIAPX_AUTH_KEK_FILE: %w", err)
		}
		variable, text = "FIAPX_AUTH_KEK_FILE", string(data)
	}
	if text == "" {
		if database.Dialect(deps.DB) == database.Postgres {
			deps.Log.Warn("signing keys are encrypted with a key of this folder; set FIAPX_AUTH_KEK_FILE where several processes share the database",
				"path", deps.KeyDir)
		}
		return token.OpenSealer(deps.KeyDir, deps.Log)
	}
	sealer, err := token.ParseSealer(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return sealer, nil
}

// KeyChange tells an operator what a rotation did. Retiring is empty after a reset, when every older key is gone.
type KeyChange struct {
	Current, Next, Retiring string
}

var errFiles = errors.New("the signing keys are given in files (FIAPX_AUTH_KEY_FILES); put another key first in those files, and the processes take it over within half a minute")

// RotateKeys lets the next key sign, or with leaked replaces all keys at once, which ends every access token. Running processes
// follow within half a minute. Of deps it needs DB, Log, Now and KeyDir.
func RotateKeys(ctx context.Context, cfg Config, deps Deps, leaked bool) (KeyChange, error) {
	if len(cfg.KeyFiles) > 0 {
		return KeyChange{}, errFiles
	}
	keys, _, err := storedKeys(cfg, deps)
	if err != nil {
		return KeyChange{}, err
	}
	rotate := keys.Rotate
	if leaked {
		rotate = keys.Reset
	}
	change, err := rotate(ctx)
	if err != nil {
		return KeyChange{}, err
	}
	if change.Next == "" {
		return KeyChange{}, errors.New("another process rotated the keys at the same moment; nothing is left to do")
	}
	return KeyChange{Current: change.Next, Next: change.Fresh.ID, Retiring: change.Current}, nil
}
