// Package usecase holds what auth does, one use case a file with its ports beside it. Time, ids, storage, hashing and
// signing come in through those ports; HTTP, SQL and JWT are unknown here.
package usecase

import (
	"context"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// Basis is what every use case needs.
type Basis struct {
	Now   func() time.Time
	NewID func() string
	Log   *slog.Logger
}

// storedPrecision is that of the databases.
const storedPrecision = time.Microsecond

// now is UTC and as fine as the databases store it, so that what is answered equals what is read later.
func (b Basis) now() time.Time { return b.Now().UTC().Truncate(storedPrecision) }

// UserReader finds users; both methods return domain.ErrUserNotFound. Safe for concurrent use.
type UserReader interface {
	UserByID(ctx context.Context, id string) (domain.User, error)
	// UserByLogin looks for a folded e-mail or username.
	UserByLogin(ctx context.Context, login string) (domain.User, error)
}

// SessionReader finds one session or returns domain.ErrSessionNotFound. Safe for concurrent use.
type SessionReader interface {
	SessionByID(ctx context.Context, id string) (domain.Session, error)
}

// Hasher hashes and checks passwords. Both methods may wait for a free slot and return a fault of kind Unavailable.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	// Verify costs the same whether or not encoded is a real hash; outdated asks for a new hash of a password that is right.
	// An empty encoded stands for a user who does not exist.
	Verify(ctx context.Context, encoded, password string) (ok, outdated bool, err error)
	// Reserve takes a slot for work that must not be counted as an attempt when there is none. The caller releases it.
	Reserve(ctx context.Context) (Slot, error)
}

// Slot is the right to hash one password at a time. Its methods are Hasher's, without the wait. Not for concurrent use.
type Slot interface {
	Hash(password string) string
	Verify(encoded, password string) (ok, outdated bool, err error)
	Release()
}

// Guard counts attempts. Allow methods return domain.ErrTooManyAttempts with the time to wait. Safe for concurrent use.
type Guard interface {
	AllowClient(ctx context.Context, client string) error
	AllowLogin(ctx context.Context, account, client string) error
	// Known says whether the client signed in to the account lately.
	Known(ctx context.Context, account, client string) bool
	LoginFailed(ctx context.Context, account, client string)
	LoginSucceeded(ctx context.Context, account, client string)
	AllowRegister(ctx context.Context, account, client string) error
	AllowPasswordChange(ctx context.Context, userID string) error
	PasswordChanged(ctx context.Context, userID string)
	AllowTokenCall(ctx context.Context, client string) error
}
