package usecase

import (
	"context"
	"errors"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Operate is what whoever holds the database does from the command line. Roles are given nowhere else: no stolen session can
// make an administrator. There is no cache to tell; the servers see what has ended in the database.
type Operate struct {
	Basis
	Users     UserReader
	Creator   UserCreator
	Directory Directory
	Warden    Warden
	Hasher    Hasher
	Policy    *domain.PasswordPolicy
}

// terminal stands in the audit log where the address of a client stands otherwise.
var terminal = domain.Origin{Agent: "fiapx admin, at the command line"}

// Find returns the user with that id, e-mail or username; domain.ErrUserNotFound.
func (uc Operate) Find(ctx context.Context, who string) (domain.User, error) {
	user, err := uc.Users.UserByLogin(ctx, domain.Fold(who))
	if errors.Is(err, domain.ErrUserNotFound) {
		return uc.Users.UserByID(ctx, domain.Fold(who))
	}
	return user, err
}

// Create makes an account that is an administrator from the start. The operator vouches for the address.
func (uc Operate) Create(ctx context.Context, in domain.Registration) (domain.User, error) {
	in, err := in.Clean()
	if err != nil {
		return domain.User{}, err
	}
	if err := uc.Policy.Check("password", in.Password, in.Username, in.Email, in.FirstName, in.LastName); err != nil {
		return domain.User{}, err
	}
	hash, err := uc.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return domain.User{}, err
	}
	now := uc.now()
	user := domain.User{
		ID: uc.NewID(), Email: in.Email, Username: in.Username, PasswordHash: hash, FirstName: in.FirstName, LastName: in.LastName,
		Status: domain.Active, Role: domain.RoleAdmin, CreatedAt: now, UpdatedAt: now, VerifiedAt: &now,
	}
	entry := uc.entry(domain.ActRegister, terminal).About(user.ID, "").Because(domain.Done, string(domain.RoleAdmin))
	return user, uc.Creator.CreateUser(ctx, user, entry)
}

// SetRole makes a user an administrator or takes that away.
func (uc Operate) SetRole(ctx context.Context, who string, to domain.Role) (domain.User, error) {
	return uc.change(ctx, who, func(user domain.User) error {
		entry := uc.entry(domain.ActRole, terminal).About(user.ID, "").Because(domain.Done, string(to))
		_, err := uc.Warden.SetRole(ctx, user.ID, to, entry)
		return err
	})
}

// SetStatus blocks a user or lets him in again.
func (uc Operate) SetStatus(ctx context.Context, who string, to domain.Status) (domain.User, error) {
	act := domain.ActUnblock
	if to == domain.Blocked {
		act = domain.ActBlock
	}
	return uc.change(ctx, who, func(user domain.User) error {
		_, err := uc.Warden.SetStatus(ctx, user.ID, to, uc.entry(act, terminal).About(user.ID, ""))
		return err
	})
}

func (uc Operate) change(ctx context.Context, who string, do func(domain.User) error) (domain.User, error) {
	user, err := uc.Find(ctx, who)
	if err != nil {
		return domain.User{}, err
	}
	if err := do(user); err != nil {
		return domain.User{}, err
	}
	return uc.Users.UserByID(ctx, user.ID)
}

// List returns a page of users and the cursor of the next one, empty at the end.
func (uc Operate) List(ctx context.Context, s domain.Search) ([]domain.User, string, error) {
	return pageOfUsers(ctx, uc.Directory, s)
}
