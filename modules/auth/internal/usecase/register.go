package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// UserCreator stores a new user together with an entry of the audit log and the mails about it, or returns
// domain.ErrUserExists when the e-mail or the username is taken.
type UserCreator interface {
	CreateUser(ctx context.Context, u domain.User, e domain.Entry, mails ...domain.Mail) error
}

// Register creates accounts.
type Register struct {
	Basis
	Post
	Users  UserCreator
	Hasher Hasher
	Guard  Guard
	Policy *domain.PasswordPolicy
}

// Register creates an active user. The database's unique indexes decide who was first, and the password is hashed
// before they are asked, so that a taken name takes as long to answer as a free one.
func (uc Register) Register(ctx context.Context, in domain.Registration) (domain.User, error) {
	in, err := in.Clean()
	if err != nil {
		return domain.User{}, err
	}
	if err := uc.Policy.Check("password", in.Password, in.Username, in.Email, in.FirstName, in.LastName); err != nil {
		return domain.User{}, err
	}
	if err := uc.Guard.AllowRegister(ctx, in.Email, in.From.Key()); err != nil {
		return domain.User{}, err
	}
	hash, err := uc.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return domain.User{}, err
	}
	now := uc.now()
	user := domain.User{
		ID: uc.NewID(), Email: in.Email, Username: in.Username, PasswordHash: hash,
		FirstName: in.FirstName, LastName: in.LastName,
		Status: domain.Active, Role: domain.RoleUser, CreatedAt: now, UpdatedAt: now,
	}
	kind := domain.MailWelcome
	if uc.Verify {
		kind = domain.MailVerify
	}
	entry := uc.entry(domain.ActRegister, in.From).By(user.ID).About(user.ID, "")
	if err := uc.Users.CreateUser(ctx, user, entry, uc.mails(uc.Basis, kind, user.ID, in.Locale)...); err != nil {
		return domain.User{}, err
	}
	uc.ring()
	uc.Log.InfoContext(ctx, "user registered", "user_id", user.ID)
	return user, nil
}
