package gateway

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/modules/importer/internal/domain"
	"github.com/fiapx/fiapx/modules/importer/internal/usecase"
)

// Accounts is auth in the words of this module.
type Accounts struct{ Auth auth.Adoption }

var _ usecase.Accounts = Accounts{}

// Check is part of usecase.Accounts.
func (g Accounts) Check(ctx context.Context, a domain.Account) (domain.Fate, error) {
	known, err := g.Auth.Check(ctx, toAccount(a))
	return domain.Fate{Known: known}, err
}

// Add is part of usecase.Accounts.
func (g Accounts) Add(ctx context.Context, a domain.Account) (domain.Fate, error) {
	added, err := g.Auth.Add(ctx, toAccount(a))
	return domain.Fate{Known: !added}, err
}

func toAccount(a domain.Account) auth.Account {
	return auth.Account{
		ID: a.ID, Email: a.Email, Username: a.Username, PasswordHash: a.PasswordHash, FirstName: a.FirstName, LastName: a.LastName,
		Status: a.Status, CreatedAt: value(a.CreatedAt), UpdatedAt: value(a.UpdatedAt), LastLogin: a.LastLogin,
	}
}

func value(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
