package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Confirm asks a signed-in user for the password again before what cannot be undone or what lasts. Wrong guesses are counted: a
// stolen access token must not become a way to try passwords.
type Confirm struct {
	Hasher Hasher
	Guard  Guard
}

// Password returns domain.ErrCurrentPassword, on its field, or domain.ErrTooManyAttempts.
func (c Confirm) Password(ctx context.Context, user domain.User, current string) error {
	slot, err := c.Hasher.Reserve(ctx) // first: an attempt that nobody looked at must not count
	if err != nil {
		return err
	}
	defer slot.Release()
	if err := c.Guard.AllowPasswordChange(ctx, user.ID); err != nil {
		return err
	}
	ok, _, err := slot.Verify(user.PasswordHash, current)
	if err != nil {
		return err
	}
	if !ok {
		return domain.OnField(domain.ErrCurrentPassword, "current_password")
	}
	c.Guard.PasswordChanged(ctx, user.ID)
	return nil
}
