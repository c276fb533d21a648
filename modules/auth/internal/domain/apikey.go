package domain

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fiapx/fiapx/platform/fault"
)

// APIKey is a lasting credential for a program. Of the key itself only its hash is kept.
type APIKey struct {
	ID         string
	UserID     string
	Name       string
	Hint       string // how the key begins
	Hash       string
	Scopes     []Scope
	CreatedAt  time.Time
	ExpiresAt  *time.Time // nil is never
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

// MaxKeys is how many keys a user may have at once.
const MaxKeys = 50

const (
	keyPrefix  = "fiapx_"
	keyEntropy = 25 // bytes: 200 bits, and 40 characters without a remainder
	keyHint    = len(keyPrefix) + 4
)

// keyAlphabet has no character that a double click stops at.
var keyAlphabet = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewKey returns a key: the prefix, 200 random bits and a checksum of both, by which a mistyped key, or a text that only looks
// like one, is told without a question to the database.
func NewKey() string {
	b := make([]byte, keyEntropy)
	rand.Read(b) // never fails, see randomBytes
	body := keyPrefix + strings.ToLower(keyAlphabet.EncodeToString(b))
	return body + checksum(body)
}

func checksum(body string) string {
	return strings.ToLower(keyAlphabet.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(body)))))
}

// IsKey tells whether a text can be one of our keys.
func IsKey(s string) bool {
	size := len(keyPrefix) + keyAlphabet.EncodedLen(keyEntropy)
	return len(s) == size+keyAlphabet.EncodedLen(crc32.Size) && strings.HasPrefix(s, keyPrefix) && s[size:] == checksum(s[:size])
}

// Hint is what of a key may be shown later.
func Hint(key string) string { return key[:keyHint] }

// NewAPIKey is a request for a key.
type NewAPIKey struct {
	Name     string
	Scopes   []string
	Expires  *time.Time
	Password string // of the user: a stolen access token must not become a lasting credential
}

const maxKeyName = 100

// Clean checks the request and gives the scopes that are asked for, each once.
func (n NewAPIKey) Clean(user User, now time.Time) (string, []Scope, error) {
	var errs fields
	name := errs.keep(cleanKeyName(n.Name))
	scopes, err := ParseScopes(n.Scopes, user)
	errs.keep("", err)
	if n.Expires != nil && !n.Expires.After(now) {
		errs.keep("", fault.Fieldf("expires_at", "past", "The end of the key lies in the past; choose a later time, or none."))
	}
	return name, scopes, errs.err()
}

func cleanKeyName(s string) (string, error) {
	s = strings.TrimSpace(s)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if n := utf8.RuneCountInString(s); n < 1 || n > maxKeyName || !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
		return "", fault.Fieldf("name", "invalid_name", "The name of a key has 1 to %d printable characters.", maxKeyName)
	}
	return s, nil
}

// KeyGrant is the access token that was made of a key.
type KeyGrant struct {
	AccessToken string
	Life        time.Duration
	Scopes      []Scope
}
