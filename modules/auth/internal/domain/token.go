package domain

import (
	"crypto/rand"
	"time"
)

// TokenType says what a token is good for.
type TokenType string

// The two types of token.
const (
	AccessToken  TokenType = "access"
	RefreshToken TokenType = "refresh"
)

// Claims are what an access token says.
type Claims struct {
	ID        string // jti
	SessionID string
	UserID    string
	Username  string
	Email     string
	Roles     []string
	Scopes    []Scope
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// Credentials are what somebody signs in with.
type Credentials struct {
	Identifier string // e-mail or username, any letter case
	Password   string
	Remember   bool
	From       Origin
	Device     string // a secret that this browser alone has, or empty; see NewDevice
}

// NewDevice returns a secret that a browser is recognised by, so that strangers who guess passwords, even from the same
// address, cannot slow down the owner of an account.
func NewDevice() string { return "fxd_" + rand.Text() }

// Grant is a fresh pair of tokens and whom it is for.
type Grant struct {
	AccessToken  string
	RefreshToken string
	ExpiresIn    time.Duration // of the access token
	User         User
	Remember     bool      // the session outlives the visit
	SessionEnds  time.Time // and with it the refresh token
}

// TokenInfo describes a token that is valid.
type TokenInfo struct {
	Type      TokenType
	UserID    string
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// Opening is everything that a successful login writes, at once.
type Opening struct {
	Session     Session
	RefreshHash string
	// VerifiedHash is the password hash that was checked; if it is no longer the stored one, nothing is written.
	VerifiedHash string
	// UpgradedHash replaces VerifiedHash when not empty.
	UpgradedHash string
	Entry        Entry
}

// Rotation asks to spend one refresh token.
type Rotation struct {
	Hash          string // of the presented token
	Salt          []byte // begets the successor, should this call be the first
	SuccessorHash string
	Grace         time.Duration
	Entry         Entry // is written when the token turns out to have been spent before; its time is that of the rotation
}

// Rotated is what came of a Rotation.
type Rotated struct {
	Session Session
	// Salt is the one in force: the caller's own, or that of the call that came first and is within its grace.
	Salt []byte
	// Reused says that the token was spent too long ago; the session is revoked now and Salt is empty.
	Reused bool
}

// PasswordChange is a request to replace a password.
type PasswordChange struct {
	Current, New, Confirm string

	Locale string // of the mail that follows, BCP 47
}
