package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Directory finds users, the newest first.
type Directory interface {
	SearchUsers(ctx context.Context, s domain.Search) ([]domain.User, error)
}

// Warden changes what users may do. Both methods return domain.ErrUserNotFound, and write no entry when nothing changes.
type Warden interface {
	// SetStatus also ends every session of a user who is blocked, those of his API keys too, and returns the ids of those that
	// were alive.
	SetStatus(ctx context.Context, userID string, to domain.Status, e domain.Entry) (ended []string, err error)
	// SetRole ends the sessions of a user who loses a role, because his tokens still claim it.
	SetRole(ctx context.Context, userID string, to domain.Role, e domain.Entry) (ended []string, err error)
}

// Admin is what administrators do over HTTP. That a caller is one is asked of the database each time: the token says what was
// true when it was signed.
type Admin struct {
	Announcer
	Users     UserReader
	Sessions  SessionReader
	Directory Directory
	Warden    Warden
	Log       TrailReader
}

func (uc Admin) authorize(ctx context.Context, a domain.Actor) error {
	user, err := standing(ctx, uc.Users, uc.Sessions, a, uc.now())
	if err == nil && user.Role != domain.RoleAdmin {
		err = domain.ErrNotAdmin
	}
	return err
}

// List returns a page of users and the cursor of the next one, empty at the end.
func (uc Admin) List(ctx context.Context, a domain.Actor, s domain.Search) ([]domain.User, string, error) {
	if err := uc.authorize(ctx, a); err != nil {
		return nil, "", err
	}
	return pageOfUsers(ctx, uc.Directory, s)
}

// pageOfUsers reads one user more than asked for, to know whether there is a next page.
func pageOfUsers(ctx context.Context, d Directory, s domain.Search) (users []domain.User, next string, err error) {
	limit := s.Limit
	s.Limit++
	if users, err = d.SearchUsers(ctx, s); err != nil || len(users) <= limit {
		return users, "", err
	}
	users = users[:limit]
	return users, domain.PlaceOf(users[limit-1]).Cursor(), nil
}

// Show returns one user.
func (uc Admin) Show(ctx context.Context, a domain.Actor, id string) (domain.User, error) {
	if err := uc.authorize(ctx, a); err != nil {
		return domain.User{}, err
	}
	return uc.Users.UserByID(ctx, id)
}

// Block keeps a user out: he cannot sign in, and his sessions end; his API keys do nothing until he is unblocked.
func (uc Admin) Block(ctx context.Context, a domain.Actor, id string) (domain.User, error) {
	if id == a.UserID {
		return domain.User{}, domain.ErrBlockSelf
	}
	return uc.set(ctx, a, id, domain.Blocked, domain.ActBlock)
}

// Unblock lets a user in again.
func (uc Admin) Unblock(ctx context.Context, a domain.Actor, id string) (domain.User, error) {
	return uc.set(ctx, a, id, domain.Active, domain.ActUnblock)
}

func (uc Admin) set(ctx context.Context, a domain.Actor, id string, to domain.Status, act domain.Action) (domain.User, error) {
	if err := uc.authorize(ctx, a); err != nil {
		return domain.User{}, err
	}
	ended, err := uc.Warden.SetStatus(ctx, id, to, uc.entry(act, a.From).By(a.UserID).About(id, ""))
	if err != nil {
		return domain.User{}, err
	}
	uc.Announcer.Log.InfoContext(ctx, "status of a user set", "user_id", id, "status", string(to), "by", a.UserID)
	uc.announce(ctx, domain.RevokedByBlock, ended...)
	return uc.Users.UserByID(ctx, id)
}

// Entries returns a page of the audit log and the cursor of the next one, empty at the end.
func (uc Admin) Entries(ctx context.Context, a domain.Actor, t domain.Trail) ([]domain.Entry, string, error) {
	if err := uc.authorize(ctx, a); err != nil {
		return nil, "", err
	}
	return page(ctx, uc.Log, t)
}
