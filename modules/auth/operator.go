package auth

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/repository"
	"github.com/fiapx/fiapx/modules/auth/internal/service/password"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/database"
)

// User is a user as the operator sees him.
type User struct {
	ID        string     `json:"id"`
	Email     string     `json:"email"`
	Username  string     `json:"username"`
	FullName  string     `json:"full_name"`
	Role      string     `json:"role"`
	Status    string     `json:"status"`
	CreatedAt time.Time  `json:"created_at"`
	LastLogin *time.Time `json:"last_login"`
}

// NewAccount is what an account is made of.
type NewAccount struct{ Email, Username, Password, FirstName, LastName string }

// Operator works on accounts with nothing but the database, for the command line. Servers that run meanwhile notice within five
// seconds.
type Operator struct{ do usecase.Operate }

// NewOperator opens nothing and starts nothing. db is that of the module, migrated.
func NewOperator(cfg Config, db *database.DB, log *slog.Logger, now func() time.Time) (*Operator, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	list, err := openBlocklist(cfg, Deps{Log: log})
	if err != nil {
		return nil, err
	}
	store := repository.New(db)
	return &Operator{usecase.Operate{
		Basis: usecase.Basis{Now: now, NewID: uuid.NewString, Log: log}, Users: store, Creator: store, Directory: store, Warden: store,
		Hasher: password.New(password.Config{Concurrent: cfg.Hashes, Wait: cfg.HashWait}),
		Policy: domain.NewPasswordPolicy(cfg.PasswordMin, list.Contains),
	}}, nil
}

// Find returns the account with that e-mail, username or id, or a fault of kind NotFound.
func (o *Operator) Find(ctx context.Context, who string) (User, error) {
	return toUser(o.do.Find(ctx, who))
}

// CreateAdmin makes an administrator's account.
func (o *Operator) CreateAdmin(ctx context.Context, a NewAccount) (User, error) {
	return toUser(o.do.Create(ctx, domain.Registration{
		Email: a.Email, Username: a.Username, Password: a.Password, FirstName: a.FirstName, LastName: a.LastName,
	}))
}

// Promote makes a user an administrator. He notices with his next token.
func (o *Operator) Promote(ctx context.Context, who string) (User, error) {
	return toUser(o.do.SetRole(ctx, who, domain.RoleAdmin))
}

// Demote makes an administrator a user like any other, and ends his sessions.
func (o *Operator) Demote(ctx context.Context, who string) (User, error) {
	return toUser(o.do.SetRole(ctx, who, domain.RoleUser))
}

// Block keeps a user out, and ends his sessions.
func (o *Operator) Block(ctx context.Context, who string) (User, error) {
	return toUser(o.do.SetStatus(ctx, who, domain.Blocked))
}

// Unblock lets a user in again.
func (o *Operator) Unblock(ctx context.Context, who string) (User, error) {
	return toUser(o.do.SetStatus(ctx, who, domain.Active))
}

// Each shows all accounts, the newest first. text is part of an e-mail, a username or a name; status "" is any.
func (o *Operator) Each(ctx context.Context, text, status string, visit func(User)) error {
	search := domain.Search{Text: text, Status: domain.Status(status), Limit: domain.MaxPage}
	for {
		users, next, err := o.do.List(ctx, search)
		if err != nil {
			return err
		}
		for _, u := range users {
			visit(shownUser(u))
		}
		if next == "" {
			return nil
		}
		search.After = domain.PlaceOf(users[len(users)-1])
	}
}

func toUser(u domain.User, err error) (User, error) { return shownUser(u), err }

func shownUser(u domain.User) User {
	return User{
		ID: u.ID, Email: u.Email, Username: u.Username, FullName: u.FullName(), Role: string(u.Role), Status: string(u.Status),
		CreatedAt: u.CreatedAt, LastLogin: u.LastLogin,
	}
}
