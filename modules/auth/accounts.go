package auth

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/presenter"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/authn"
)

const (
	// auditPause is how often a client that goes on after it was told to wait appears in the audit log.
	auditPause = time.Minute
	// keyLife is how long a token lives that was made of an API key, and so how finely the last use of a key is known.
	keyLife = 5 * time.Minute
	// keyStay bounds the session behind it; another one takes its place.
	keyStay = 30 * 24 * time.Hour
)

// addAccounts wires what users do with their sessions and keys.
func (w wiring) addAccounts(all *presenter.UseCases) {
	sessions := usecase.Sessions{Announcer: w.announcer, Users: w.store, Sessions: w.store, Keeper: w.store}
	all.ListSessions, all.RevokeSession, all.RevokeOthers = sessions.List, sessions.Revoke, sessions.RevokeOthers
	all.Activity = usecase.Activity{Basis: w.basis, Users: w.store, Sessions: w.store, Log: w.store}.Show
	keys := usecase.APIKeys{
		Announcer: w.announcer, Confirm: w.confirm(), Users: w.store, Sessions: w.store, Keeper: w.store, Audit: w.audit,
	}
	all.CreateAPIKey, all.ListAPIKeys, all.RevokeAPIKey, all.RevokeAPIKeys = keys.Create, keys.List, keys.Revoke, keys.RevokeAll
	all.Exchange = w.exchange().Exchange
	all.CloseAccount = usecase.Close{
		Announcer: w.announcer, Confirm: w.confirm(), Users: w.store, Sessions: w.store, Closer: w.store, Audit: w.audit,
	}.Do
	all.Closed = w.closed
	admin := usecase.Admin{
		Announcer: w.announcer, Users: w.store, Sessions: w.store, Directory: w.store, Warden: w.store, Log: w.store,
	}
	all.ListUsers, all.ShowUser, all.BlockUser, all.UnblockUser, all.Audit = admin.List, admin.Show, admin.Block, admin.Unblock, admin.Entries
}

// closed is what others are told of closed accounts.
func (w wiring) closed(ctx context.Context) ([]string, error) {
	ids, err := usecase.Closed{Basis: w.basis, Users: w.store}.List(ctx)
	digests := make([]string, len(ids))
	for i, id := range ids {
		digests[i] = authn.AccountDigest(id)
	}
	return digests, err
}

func (w wiring) confirm() usecase.Confirm { return usecase.Confirm{Hasher: w.hasher, Guard: w.guard} }

func (w wiring) exchange() usecase.Exchange {
	return usecase.Exchange{
		Basis: w.basis, Keys: w.store, Signer: w.tokens, Guard: w.guard, Life: min(keyLife, w.cfg.AccessTTL), Stay: keyStay,
	}
}

// exchanger is the exchange as verifiers ask for it.
type exchanger func(ctx context.Context, key string) (domain.KeyGrant, error)

var _ authn.Exchanger = exchanger(nil)

// Exchange implements authn.Exchanger. A refused key needs no translation: the code of the fault is the same.
func (e exchanger) Exchange(ctx context.Context, key string) (string, time.Duration, error) {
	grant, err := e(ctx, key)
	return grant.AccessToken, grant.Life, err
}
