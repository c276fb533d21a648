package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// APIKeyUser turns the use of a key into a session.
type APIKeyUser interface {
	// UseAPIKey notes the use of the living key with that hash and returns it with its owner and its living session. Without one,
	// fresh becomes it, for that key and owner. domain.ErrKeyInvalid for a key that is unknown, over, or whose owner may not sign
	// in: whoever holds only the key learns no more.
	UseAPIKey(ctx context.Context, hash string, fresh domain.Session) (domain.APIKey, domain.User, domain.Session, error)
}

// Exchange makes access tokens of API keys, so that everything behind verifies one kind of token alone.
type Exchange struct {
	Basis
	Keys   APIKeyUser
	Signer Signer
	Guard  Guard
	Life   time.Duration // of the access tokens, also the grain of "last used"
	Stay   time.Duration // of the session behind them, at most
}

// Exchange returns a short-lived token with the scopes of the key. A key is too long to be guessed, so only its holder is held
// back when he asks too often.
func (uc Exchange) Exchange(ctx context.Context, secret string) (domain.KeyGrant, error) {
	if !domain.IsKey(secret) {
		return domain.KeyGrant{}, domain.ErrKeyInvalid
	}
	now := uc.now()
	key, user, session, err := uc.Keys.UseAPIKey(ctx, domain.HashToken(secret), domain.Session{
		ID: uc.NewID(), CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(uc.Stay),
	})
	if err != nil {
		return domain.KeyGrant{}, err
	}
	if err := uc.Guard.AllowTokenCall(ctx, "key "+key.ID); err != nil {
		return domain.KeyGrant{}, err
	}
	scopes, life := domain.KeyScopes(key, user), uc.Life
	if key.ExpiresAt != nil {
		life = min(life, key.ExpiresAt.Sub(now))
	}
	token, life, err := uc.sign(ctx, uc.Signer, user, session, scopes, life)
	return domain.KeyGrant{AccessToken: token, Life: life, Scopes: scopes}, err
}
