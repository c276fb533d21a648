package domain

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
)

// Session is one signed-in client: a family of refresh tokens, each begotten by the one before, and the access tokens
// issued along the way. Its end is fixed when it begins.
type Session struct {
	ID         string
	UserID     string
	Remember   bool
	KeyID      string // of the API key whose access tokens these are; empty for somebody who signed in
	From       Origin // of the latest use
	CreatedAt  time.Time
	LastUsedAt time.Time
	ExpiresAt  time.Time
	RevokedAt  *time.Time
}

// Check returns why the session cannot be used at that time, or nil.
func (s Session) Check(now time.Time) error {
	if s.RevokedAt != nil {
		return ErrTokenRevoked
	}
	if !now.Before(s.ExpiresAt) {
		return ErrTokenExpired
	}
	return nil
}

// Why a session was revoked, for the operator.
const (
	RevokedByLogout   = "logout"
	RevokedByPassword = "password_change"
	RevokedByReuse    = "refresh_reuse"
	RevokedByStatus   = "user_status"
	RevokedByOwner    = "revoked"
	RevokedByKey      = "key_revoked"
	RevokedByBlock    = "blocked"
	RevokedByRole     = "role_change"
	RevokedByClose    = "account_closed"
)

// refreshPrefix tells our refresh tokens from access tokens at a glance, and lets secret scanners find leaked ones.
const refreshPrefix = "fxr_"

const refreshEntropy = 32 // bytes

// NewRefreshToken returns the first refresh token of a session.
func NewRefreshToken() string { return encodeRefresh(randomBytes()) }

// NewSalt returns what makes a successor unpredictable.
func NewSalt() []byte { return randomBytes() }

// Successor derives the next refresh token. Whoever holds the parent and reads the salt can derive it again, so that
// a client that lost the answer gets the same one although only hashes are stored; neither alone is enough.
func Successor(parent string, salt []byte) string {
	h := sha256.New()
	h.Write([]byte("fiapx refresh successor\x00"))
	h.Write(salt)
	h.Write([]byte(parent))
	return encodeRefresh(h.Sum(nil))
}

// IsRefreshToken tells by its shape whether a token is one of our refresh tokens.
func IsRefreshToken(s string) bool {
	body, ok := strings.CutPrefix(s, refreshPrefix)
	return ok && len(body) == base64.RawURLEncoding.EncodedLen(refreshEntropy)
}

// HashToken is how a refresh token is stored and looked up. Tokens have 256 random bits, so a plain hash is enough.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func encodeRefresh(b []byte) string {
	return refreshPrefix + base64.RawURLEncoding.EncodeToString(b)
}

func randomBytes() []byte {
	b := make([]byte, refreshEntropy)
	rand.Read(b) // crypto/rand.Read never returns an error; it ends the program instead
	return b
}
