package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// APIKeyKeeper stores API keys.
type APIKeyKeeper interface {
	// CreateAPIKey returns domain.ErrTooManyKeys for a user who has domain.MaxKeys that are not revoked.
	CreateAPIKey(ctx context.Context, k domain.APIKey, e domain.Entry) error
	// APIKeys lists a user's keys that are not revoked, the newest first.
	APIKeys(ctx context.Context, userID string) ([]domain.APIKey, error)
	// RevokeAPIKey ends a key and what was opened with it, and returns the ids of those sessions. domain.ErrNoSuchKey.
	RevokeAPIKey(ctx context.Context, userID, id string, e domain.Entry) (sessions []string, err error)
	// RevokeAPIKeys ends all of a user's keys and returns how many, and the ids of their sessions.
	RevokeAPIKeys(ctx context.Context, userID string, e domain.Entry) (keys int, sessions []string, err error)
}

// APIKeys lets users have API keys.
type APIKeys struct {
	Announcer
	Confirm
	Users    UserReader
	Sessions SessionReader
	Keeper   APIKeyKeeper
	Audit    Audit
}

// Create makes a key and returns it in clear, for the only time.
func (uc APIKeys) Create(ctx context.Context, a domain.Actor, in domain.NewAPIKey) (domain.APIKey, string, error) {
	user, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now())
	if err != nil {
		return domain.APIKey{}, "", err
	}
	name, scopes, err := in.Clean(user, uc.now())
	if err != nil {
		return domain.APIKey{}, "", err
	}
	secret := domain.NewKey()
	key := domain.APIKey{
		ID: uc.NewID(), UserID: user.ID, Name: name, Hint: domain.Hint(secret), Hash: domain.HashToken(secret), Scopes: scopes, CreatedAt: uc.now(),
	}
	if in.Expires != nil {
		key.ExpiresAt = new(in.Expires.UTC().Truncate(storedPrecision))
	}
	entry := uc.entry(domain.ActKeyCreate, a.From).By(user.ID).About(user.ID, key.ID)
	if err := uc.Password(ctx, user, in.Password); err != nil {
		return domain.APIKey{}, "", uc.Audit.refused(ctx, entry.About(user.ID, ""), err)
	}
	if err := uc.Keeper.CreateAPIKey(ctx, key, entry); err != nil {
		return domain.APIKey{}, "", err
	}
	uc.Log.InfoContext(ctx, "API key created", "user_id", user.ID, "key_id", key.ID)
	return key, secret, nil
}

// List returns the caller's keys.
func (uc APIKeys) List(ctx context.Context, a domain.Actor) ([]domain.APIKey, error) {
	if _, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now()); err != nil {
		return nil, err
	}
	return uc.Keeper.APIKeys(ctx, a.UserID)
}

// Revoke ends a key of the caller and every access token made of it.
func (uc APIKeys) Revoke(ctx context.Context, a domain.Actor, id string) error {
	if _, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now()); err != nil {
		return err
	}
	sessions, err := uc.Keeper.RevokeAPIKey(ctx, a.UserID, id, uc.entry(domain.ActKeyRevoke, a.From).By(a.UserID).About(a.UserID, id))
	if err != nil {
		return err
	}
	uc.Log.InfoContext(ctx, "API key revoked", "user_id", a.UserID, "key_id", id)
	uc.announce(ctx, domain.RevokedByKey, sessions...)
	return nil
}

// RevokeAll ends all keys of the caller and tells how many.
func (uc APIKeys) RevokeAll(ctx context.Context, a domain.Actor) (int, error) {
	if _, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now()); err != nil {
		return 0, err
	}
	entry := uc.entry(domain.ActKeyRevoke, a.From).By(a.UserID).About(a.UserID, "").Because(domain.Done, "all")
	keys, sessions, err := uc.Keeper.RevokeAPIKeys(ctx, a.UserID, entry)
	if err != nil {
		return 0, err
	}
	uc.Log.InfoContext(ctx, "API keys revoked", "user_id", a.UserID, "keys", keys)
	uc.announce(ctx, domain.RevokedByKey, sessions...)
	return keys, nil
}
