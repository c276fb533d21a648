package videos

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/run"
)

// departedEvery is how often closed accounts are asked for.
const departedEvery = 10 * time.Second

// Accounts is whoever keeps the accounts.
type Accounts interface {
	// Closed returns authn.AccountDigest of the id of each account that was closed lately. It is safe for concurrent use.
	Closed(ctx context.Context) ([]string, error)
}

// Departed is the background work that deletes the jobs of closed accounts; the janitor removes their files. Several processes
// may run it at once.
func (m *Module) Departed(accounts Accounts) run.Service {
	return m.service("videos departed", departedEvery, nil, m.departed(accounts).Round)
}

func (m *Module) departed(accounts Accounts) *usecase.Departed {
	return &usecase.Departed{Accounts: accounts, Digest: authn.AccountDigest, Store: m.store, Now: m.deps.Now, Log: m.deps.Log}
}
