package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// KeyLife is how long an Idempotency-Key is remembered.
const KeyLife = 24 * time.Hour

// maxKey bounds an Idempotency-Key, in bytes.
const maxKey = 255

// Why a key does not do what it was sent for.
var (
	// ErrBadKey says that the header cannot be used.
	ErrBadKey = fault.New(fault.Invalid, "videos.invalid_idempotency_key", "The Idempotency-Key must be 1 to 255 visible ASCII characters; send a UUID, for example.")
	// ErrKeyBusy says that the first request with the key has not ended.
	ErrKeyBusy = fault.New(fault.Conflict, "videos.submission_in_progress", "A submission with this Idempotency-Key is in progress; send it again when that one has ended.")
	// ErrKeyReused says that the key came before with another request.
	ErrKeyReused = fault.New(fault.Unprocessable, "videos.idempotency_key_reused", "This Idempotency-Key was used for another submission; send a new one with each new submission.")
	// ErrKeyDeleted says that the job is gone that the key made.
	ErrKeyDeleted = fault.New(fault.Gone, "videos.job_deleted", "The job of this Idempotency-Key has been deleted; send a new key to submit the video again.")
)

// Reservation is one request's hold on a key of the user. Token tells it from the requests before and after.
type Reservation struct {
	UserID, Key, Token string
}

// Earlier is what a key stands for since a request before; the zero value is nothing yet.
type Earlier struct {
	JobID       string
	Fingerprint string
}

// ParseKey reads an Idempotency-Key, which is a string of RFC 8941 (in quotes); most clients send it bare. Empty is none.
func ParseKey(header string) (string, error) {
	if header == "" {
		return "", nil
	}
	key := header
	if inner, ok := strings.CutPrefix(key, `"`); ok {
		if key, ok = strings.CutSuffix(inner, `"`); !ok {
			return "", ErrBadKey
		}
	}
	if key == "" || len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return "", ErrBadKey
	}
	return key, nil
}

// Fingerprint tells whether two submissions ask for the same: the fields as sent, the name and the content of the file.
func Fingerprint(fields map[string]string, filename, sha256sum string) string {
	text, _ := json.Marshal([]any{fields, filename, sha256sum}) // maps of strings in the order of their keys; cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// NewJob is a submission on its way into the tables.
type NewJob struct {
	Job   Job
	Order Order
	// Key, when it is there, is given to the job in the same transaction, with Fingerprint.
	Key         *Reservation
	Fingerprint string
}
