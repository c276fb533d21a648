package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// KeyStore keeps signing keys. Of several processes that change the same keys at once one succeeds; the others are told
// that they did not, and read again.
type KeyStore interface {
	SigningKeys(ctx context.Context) ([]domain.SigningKey, error)
	// AddSigningKey stores a key unless there is one in its state already.
	AddSigningKey(ctx context.Context, k domain.SigningKey) (added bool, err error)
	// ReplaceNextKey puts fresh in the place of the next key with that id.
	ReplaceNextKey(ctx context.Context, id string, fresh domain.SigningKey) (replaced bool, err error)
	RotateKeys(ctx context.Context, c domain.KeyChange) (rotated bool, err error)
	// DropKeys removes keys that have been retiring since before the given time.
	DropKeys(ctx context.Context, before time.Time) (dropped int, err error)
	// ResetKeys removes every key and stores these.
	ResetKeys(ctx context.Context, keys ...domain.SigningKey) error
}

// KeyForge makes keys; they are sealed at once.
type KeyForge interface {
	Make(alg string) (domain.SigningKey, error)
	// Inherited is the key of a version that kept it in a file, or ok=false. Forget removes the file.
	Inherited() (k domain.SigningKey, ok bool, err error)
	Forget() error
}

// KeyRing is what signs and verifies in this process.
type KeyRing interface {
	Load(keys []domain.SigningKey) error
}

// Keys rotates the signing keys. Any number of processes may do so together.
type Keys struct {
	Basis
	Store KeyStore
	Forge KeyForge
	Ring  KeyRing
	Plan  domain.KeyPlan
}

// Open makes what is missing and loads the keys.
func (uc Keys) Open(ctx context.Context) error {
	keys, err := uc.complete(ctx)
	if err != nil {
		return err
	}
	return uc.Ring.Load(keys)
}

// Tend rotates when it is time, removes what no token needs, and loads what other processes changed.
func (uc Keys) Tend(ctx context.Context) error {
	keys, err := uc.complete(ctx)
	if err != nil {
		return err
	}
	now := uc.now()
	current, next, _, _ := domain.KeysByState(keys)
	switch {
	case next.Algorithm != uc.Plan.Algorithm:
		err = uc.replaceNext(ctx, next)
	case uc.Plan.Due(current, next, now):
		_, err = uc.rotate(ctx, current, next)
	}
	if err != nil {
		return err
	}
	dropped, err := uc.Store.DropKeys(ctx, now.Add(-uc.Plan.Keep))
	if err != nil {
		return err
	}
	if dropped > 0 {
		uc.Log.InfoContext(ctx, "signing keys removed, their tokens have expired", "keys", dropped)
	}
	return uc.Open(ctx)
}

// Rotate lets the next key sign at once, on an operator's word. It returns domain.ErrKeyTooYoung when verifiers may not know
// that key yet.
func (uc Keys) Rotate(ctx context.Context) (domain.KeyChange, error) {
	keys, err := uc.complete(ctx)
	if err != nil {
		return domain.KeyChange{}, err
	}
	current, next, _, _ := domain.KeysByState(keys)
	if wait := uc.Plan.Lead - uc.now().Sub(next.CreatedAt); wait > 0 {
		return domain.KeyChange{}, domain.ErrKeyTooYoung.After(wait)
	}
	return uc.rotate(ctx, current, next)
}

// Reset replaces every key, for the day when one has leaked: all access tokens end, sessions go on.
func (uc Keys) Reset(ctx context.Context) (domain.KeyChange, error) {
	current, err := uc.forge(domain.KeyCurrent)
	if err != nil {
		return domain.KeyChange{}, err
	}
	next, err := uc.forge(domain.KeyNext)
	if err != nil {
		return domain.KeyChange{}, err
	}
	if err := uc.Store.ResetKeys(ctx, current, next); err != nil {
		return domain.KeyChange{}, err
	}
	uc.Log.WarnContext(ctx, "all signing keys replaced", "kid", current.ID)
	return domain.KeyChange{Next: current.ID, Fresh: next, At: uc.now()}, nil
}

func (uc Keys) rotate(ctx context.Context, current, next domain.SigningKey) (domain.KeyChange, error) {
	fresh, err := uc.forge(domain.KeyNext)
	if err != nil {
		return domain.KeyChange{}, err
	}
	change := domain.KeyChange{Current: current.ID, Next: next.ID, Fresh: fresh, At: uc.now()}
	rotated, err := uc.Store.RotateKeys(ctx, change)
	if err != nil {
		return domain.KeyChange{}, err
	}
	if !rotated {
		return domain.KeyChange{}, nil // another process was first
	}
	uc.Log.InfoContext(ctx, "signing key rotated", "kid", next.ID, "retiring", current.ID, "next", fresh.ID)
	return change, nil
}

func (uc Keys) replaceNext(ctx context.Context, next domain.SigningKey) error {
	fresh, err := uc.forge(domain.KeyNext)
	if err != nil {
		return err
	}
	_, err = uc.Store.ReplaceNextKey(ctx, next.ID, fresh)
	return err
}

// complete returns the stored keys after adding a current and a next one where there is none.
func (uc Keys) complete(ctx context.Context) ([]domain.SigningKey, error) {
	keys, err := uc.Store.SigningKeys(ctx)
	if err != nil {
		return nil, err
	}
	_, _, hasCurrent, hasNext := domain.KeysByState(keys)
	if hasCurrent && hasNext {
		return keys, nil
	}
	if !hasCurrent {
		if err := uc.addFirst(ctx); err != nil {
			return nil, err
		}
	}
	if !hasNext {
		if err := uc.add(ctx, uc.forgeNext); err != nil {
			return nil, err
		}
	}
	return uc.Store.SigningKeys(ctx)
}

// addFirst prefers the key of an older version, so that its tokens stay good. Its file goes once the key is stored.
func (uc Keys) addFirst(ctx context.Context) error {
	old, ok, err := uc.Forge.Inherited()
	if err != nil {
		return err
	}
	if !ok {
		return uc.add(ctx, func() (domain.SigningKey, error) { return uc.forge(domain.KeyCurrent) })
	}
	if err := uc.add(ctx, func() (domain.SigningKey, error) { return uc.born(old, domain.KeyCurrent), nil }); err != nil {
		return err
	}
	if err := uc.Forge.Forget(); err != nil {
		uc.Log.WarnContext(ctx, "signing key is in the database now, but its old file could not be removed; remove it", "err", err)
	}
	return nil
}

func (uc Keys) add(ctx context.Context, forge func() (domain.SigningKey, error)) error {
	k, err := forge()
	if err != nil {
		return err
	}
	added, err := uc.Store.AddSigningKey(ctx, k)
	if added {
		uc.Log.InfoContext(ctx, "signing key created", "kid", k.ID, "alg", k.Algorithm, "state", string(k.State))
	}
	return err
}

func (uc Keys) forgeNext() (domain.SigningKey, error) { return uc.forge(domain.KeyNext) }

func (uc Keys) forge(state domain.KeyState) (domain.SigningKey, error) {
	k, err := uc.Forge.Make(uc.Plan.Algorithm)
	return uc.born(k, state), err
}

func (uc Keys) born(k domain.SigningKey, state domain.KeyState) domain.SigningKey {
	now := uc.now()
	k.State, k.CreatedAt = state, now
	if state == domain.KeyCurrent {
		k.CurrentAt = &now
	}
	return k
}
