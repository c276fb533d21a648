package domain

import (
	"strings"
	"time"
)

// Status says whether a user may sign in.
type Status string

// The states of a user.
const (
	Active   Status = "active"
	Inactive Status = "inactive"
	Blocked  Status = "blocked"
)

// Role says how far a user reaches.
type Role string

// The roles. An administrator is a user, too.
const (
	RoleUser  Role = "user"
	RoleAdmin Role = "admin"
)

// User is an account. Email is lower-case; Username keeps the letter case its owner chose.
type User struct {
	ID           string
	Email        string
	Username     string
	PasswordHash string
	FirstName    string
	LastName     string
	Status       Status
	CreatedAt    time.Time
	UpdatedAt    time.Time
	LastLogin    *time.Time
	Role         Role
	VerifiedAt   *time.Time // when the owner showed that the e-mail address is his; nil until then
}

// FullName is both names with one space between.
func (u User) FullName() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

// Admit returns why the user may not act, or nil.
func (u User) Admit() error {
	switch u.Status {
	case Active:
		return nil
	case Blocked:
		return ErrUserBlocked
	default:
		return ErrUserInactive
	}
}

// Roles travel in the access token.
func (u User) Roles() []string {
	if u.Role == RoleAdmin {
		return []string{string(RoleUser), string(RoleAdmin)}
	}
	return []string{string(RoleUser)}
}

// Registration is a request for an account.
type Registration struct {
	Email, Username, Password, FirstName, LastName string

	From   Origin
	Locale string // of the mails that follow, BCP 47
}

// ProfileChange is what its owner may change; nil leaves a value as it is.
type ProfileChange struct {
	FirstName, LastName, Username *string
}

// Actor is the authenticated caller.
type Actor struct {
	UserID, SessionID string
	From              Origin
}
