package auth

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/repository"
	"github.com/fiapx/fiapx/modules/auth/internal/service/password"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
)

// Account is a user of another installation: with the id, the password hash and the times it had there. UpdatedAt may be
// zero.
type Account struct {
	ID, Email, Username, PasswordHash, FirstName, LastName string

	Status               string // active, inactive or blocked, in any case
	CreatedAt, UpdatedAt time.Time
	LastLogin            *time.Time
}

// Adoption brings accounts of another installation into this module's tables. It sends no mail, makes no session and never
// changes an account that is here. Safe for concurrent use.
type Adoption struct{ adopt usecase.Adopt }

// NewAdoption needs of deps the migrated database, Log and Now.
func NewAdoption(deps Deps) Adoption {
	return Adoption{usecase.Adopt{
		Basis: usecase.Basis{Now: deps.Now, NewID: uuid.NewString, Log: deps.Log},
		Users: repository.New(deps.DB), Usable: password.Usable,
	}}
}

// Check tells whether the account is here already. The error is a fault with the reason when it cannot come.
func (a Adoption) Check(ctx context.Context, account Account) (known bool, err error) {
	return a.adopt.Check(ctx, domain.Adopted(account))
}

// Add takes the account in; added is false when it was here already. Errors are those of Check.
func (a Adoption) Add(ctx context.Context, account Account) (added bool, err error) {
	return a.adopt.Add(ctx, domain.Adopted(account))
}
