package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Adopter takes in users with the ids they had elsewhere. Safe for concurrent use.
type Adopter interface {
	// Settled tells whether an account has that id, be it one that was closed; domain.ErrAdoptTaken when u's e-mail or
	// username belongs to another id.
	Settled(ctx context.Context, u domain.User) (bool, error)
	// AdoptUser stores u unless its id is known, with an entry of the audit log; domain.ErrAdoptTaken as for Settled.
	AdoptUser(ctx context.Context, u domain.User, e domain.Entry) (added bool, err error)
}

// Adopt brings accounts of another installation here. An account that is here already is left as it is.
type Adopt struct {
	Basis
	Users  Adopter
	Usable func(hash string) bool // whether a password can be checked against it
}

// Check tells whether the account is here already, or why it cannot come.
func (uc Adopt) Check(ctx context.Context, a domain.Adopted) (known bool, err error) {
	u, err := uc.user(a)
	if err != nil {
		return false, err
	}
	return uc.Users.Settled(ctx, u)
}

// Add takes the account in; added is false when it was here.
func (uc Adopt) Add(ctx context.Context, a domain.Adopted) (added bool, err error) {
	u, err := uc.user(a)
	if err != nil {
		return false, err
	}
	return uc.Users.AdoptUser(ctx, u, uc.entry(domain.ActImport, domain.Origin{}).About(u.ID, ""))
}

func (uc Adopt) user(a domain.Adopted) (domain.User, error) {
	u, err := a.User()
	if err == nil && !uc.Usable(a.PasswordHash) {
		err = domain.ErrAdoptHash
	}
	return u, err
}
