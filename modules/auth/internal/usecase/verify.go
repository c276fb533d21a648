package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// AddressVerifier spends the secret of a link and marks its user's address as confirmed, at once, with the entry
// about him. Errors: domain.ErrMailToken.
type AddressVerifier interface {
	VerifyEmail(ctx context.Context, hash string, e domain.Entry) (userID string, err error)
}

// VerifyEmail confirms addresses.
type VerifyEmail struct {
	Basis
	Users AddressVerifier
	Guard Guard
}

// Verify takes the secret of a link. It opens no session: a link in a mailbox must not be a key to the account.
func (uc VerifyEmail) Verify(ctx context.Context, token string, from domain.Origin) error {
	if err := uc.Guard.AllowTokenCall(ctx, from.Key()); err != nil {
		return err
	}
	if !domain.IsMailToken(token) {
		return domain.ErrMailToken
	}
	userID, err := uc.Users.VerifyEmail(ctx, domain.HashToken(token), uc.entry(domain.ActVerify, from))
	if err != nil {
		return err
	}
	uc.Log.InfoContext(ctx, "e-mail address confirmed", "user_id", userID)
	return nil
}
