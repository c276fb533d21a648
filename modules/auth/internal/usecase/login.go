package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// SessionOpener writes a login: the session, its first refresh token, the time of login and an upgraded hash, all or
// nothing. It returns domain.ErrInvalidCredentials when the password or the status changed since they were checked.
type SessionOpener interface {
	OpenSession(ctx context.Context, o domain.Opening) error
}

// Login opens sessions.
type Login struct {
	Basis
	Post
	Users     UserReader
	Sessions  SessionOpener
	Hasher    Hasher
	Signer    Signer
	Guard     Guard
	Audit     Audit
	Lifetimes Lifetimes
	// Floor is the shortest time a refusal takes: it hides that old bcrypt hashes are slower than the rest.
	Floor time.Duration
	// Pause waits, or returns early when ctx ends.
	Pause func(ctx context.Context, d time.Duration)
}

// Login checks credentials and opens a session beside any others. Unknown users, wrong passwords and users who may not
// sign in but whose password is wrong cannot be told apart.
func (uc Login) Login(ctx context.Context, in domain.Credentials) (domain.Grant, error) {
	client := in.From.Key()
	if err := uc.Guard.AllowClient(ctx, client); err != nil {
		return domain.Grant{}, uc.Audit.refused(ctx, uc.entry(domain.ActLogin, in.From), err)
	}
	start := uc.Now()
	user, err := uc.Users.UserByLogin(ctx, domain.Fold(in.Identifier))
	if err != nil && !errors.Is(err, domain.ErrUserNotFound) {
		return domain.Grant{}, err
	}
	slot, err := uc.Hasher.Reserve(ctx) // first: an attempt that nobody looked at must not count against anybody
	if err != nil {
		return domain.Grant{}, err
	}
	defer slot.Release()
	account := accountKey(user, in.Identifier)
	entry := uc.entry(domain.ActLogin, in.From).About(user.ID, "")
	if in.Device != "" && uc.Guard.Known(ctx, account, in.Device) {
		client = in.Device // a browser that was here before is counted by itself, whoever else shares its address
	}
	if err := uc.Guard.AllowLogin(ctx, account, client); err != nil {
		return domain.Grant{}, uc.Audit.refused(ctx, entry, err)
	}
	grant, err := uc.attempt(ctx, slot, user, in)
	if errors.Is(err, domain.ErrInvalidCredentials) {
		slot.Release()
		uc.Guard.LoginFailed(ctx, account, client)
		uc.Pause(ctx, uc.Floor-uc.Now().Sub(start))
	}
	if err != nil {
		return domain.Grant{}, uc.Audit.refused(ctx, entry, err)
	}
	uc.Guard.LoginSucceeded(ctx, account, client)
	if in.Device != "" && in.Device != client {
		uc.Guard.LoginSucceeded(ctx, account, in.Device)
	}
	return grant, nil
}

// accountKey counts attempts by e-mail and by username on one account together.
func accountKey(user domain.User, identifier string) string {
	if user.ID != "" {
		return user.ID
	}
	return domain.Fold(identifier)
}

// attempt is given the zero user when there is none; its empty hash is compared all the same.
func (uc Login) attempt(ctx context.Context, slot Slot, user domain.User, in domain.Credentials) (domain.Grant, error) {
	ok, outdated, err := slot.Verify(user.PasswordHash, in.Password)
	if err != nil {
		return domain.Grant{}, err
	}
	if !ok {
		return domain.Grant{}, domain.ErrInvalidCredentials
	}
	if err := uc.admit(user); err != nil {
		return domain.Grant{}, err
	}
	var upgraded string
	if outdated {
		upgraded = slot.Hash(in.Password)
	}
	slot.Release()
	return uc.open(ctx, user, upgraded, in)
}

func (uc Login) open(ctx context.Context, user domain.User, upgraded string, in domain.Credentials) (domain.Grant, error) {
	now := uc.now()
	session := domain.Session{
		ID: uc.NewID(), UserID: user.ID, Remember: in.Remember, From: in.From,
		CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(uc.Lifetimes.refresh(in.Remember)),
	}
	access, life, err := uc.issue(ctx, uc.Signer, user, session, uc.Lifetimes.access(in.Remember))
	if err != nil {
		return domain.Grant{}, err
	}
	refresh := domain.NewRefreshToken()
	err = uc.Sessions.OpenSession(ctx, domain.Opening{
		Session: session, RefreshHash: domain.HashToken(refresh),
		VerifiedHash: user.PasswordHash, UpgradedHash: upgraded,
		Entry: uc.entry(domain.ActLogin, in.From).By(user.ID).About(user.ID, session.ID),
	})
	if err != nil {
		return domain.Grant{}, err
	}
	uc.Log.InfoContext(ctx, "session opened", "user_id", user.ID, "session_id", session.ID)
	user.LastLogin = &now
	return domain.Grant{AccessToken: access, RefreshToken: refresh, ExpiresIn: life, User: user, Remember: in.Remember, SessionEnds: session.ExpiresAt}, nil
}
