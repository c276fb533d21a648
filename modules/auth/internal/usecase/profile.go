package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// ProfileWriter changes the given columns of an active user and returns the row as it is then. Errors:
// domain.ErrUsernameTaken, domain.ErrUserNotFound.
type ProfileWriter interface {
	UpdateProfile(ctx context.Context, userID string, c domain.ProfileChange, at time.Time) (domain.User, error)
}

// Profile shows and changes one's own account.
type Profile struct {
	Basis
	Users    UserReader
	Sessions SessionReader
	Writer   ProfileWriter
}

// Show returns the caller's account.
func (uc Profile) Show(ctx context.Context, a domain.Actor) (domain.User, error) {
	return standing(ctx, uc.Users, uc.Sessions, a, uc.now())
}

// Update changes what is given. Nothing given is no change, and not an error.
func (uc Profile) Update(ctx context.Context, a domain.Actor, c domain.ProfileChange) (domain.User, error) {
	c, err := c.Clean()
	if err != nil {
		return domain.User{}, err
	}
	user, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now())
	if err != nil || c == (domain.ProfileChange{}) {
		return user, err
	}
	return uc.Writer.UpdateProfile(ctx, a.UserID, c, uc.now())
}
