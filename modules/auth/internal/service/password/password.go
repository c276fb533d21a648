// Package password hashes and checks passwords: argon2id for every new hash; bcrypt hashes of the system before this one
// are still accepted and reported as outdated. It knows nothing of users and sets no rules about what a good password is.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/fiapx/fiapx/platform/fault"
)

// The parameters of new hashes: the OWASP minimum for argon2id, about 20 ms of one core.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltLen   = 16
	keyLen    = 32
)

// bcryptLimit is what bcrypt looks at. The old system cut there silently, so its longer passwords must be cut to match.
const bcryptLimit = 72

// ErrBusy says that too many passwords are being checked right now.
var ErrBusy = fault.New(fault.Unavailable, "auth.busy", "Too many people are signing in at this moment; try again in a few seconds.")

// Config bounds the work. Each hash in flight takes 19 MiB.
type Config struct {
	Concurrent int           // hashes at once
	Wait       time.Duration // how long a caller waits for its turn before ErrBusy
}

// Hasher is safe for concurrent use.
type Hasher struct {
	slots chan struct{}
	wait  time.Duration
	decoy string
}

// New returns a hasher. It makes one hash of a random password, against which users who do not exist are checked.
func New(cfg Config) *Hasher {
	return &Hasher{slots: make(chan struct{}, cfg.Concurrent), wait: cfg.Wait, decoy: encode(rand.Text())}
}

// Hash returns a new argon2id hash in PHC format.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return encode(password), nil
}

// Verify checks a password. An empty encoded is a user who does not exist: it costs as much and is never ok.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (ok, outdated bool, err error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	if encoded == "" {
		_, _, err = verifyArgon(h.decoy, password)
		return false, false, err
	}
	if strings.HasPrefix(encoded, "$2") {
		ok, err = verifyBcrypt(encoded, password)
		return ok, ok, err
	}
	return verifyArgon(encoded, password)
}

func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	release = func() { <-h.slots }
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return release, nil
	case <-timer.C:
		return nil, ErrBusy.After(h.wait)
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a hashing slot: %w", ctx.Err())
	}
}

func verifyBcrypt(encoded, password string) (bool, error) {
	secret := []byte(password)
	err := bcrypt.CompareHashAndPassword([]byte(encoded), secret[:min(len(secret), bcryptLimit)])
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("compare bcrypt hash: %w", err)
	}
	return true, nil
}

type params struct {
	memory, time uint32
	lanes        uint8
}

var current = params{memory: memoryKiB, time: passes, lanes: lanes}

func encode(password string) string {
	salt := make([]byte, saltLen)
	rand.Read(salt) // crypto/rand.Read never returns an error; it ends the program instead
	key := argon2.IDKey([]byte(password), salt, current.time, current.memory, current.lanes, keyLen)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, current.memory, current.time, current.lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func verifyArgon(encoded, password string) (ok, outdated bool, err error) {
	p, salt, key, err := decode(encoded)
	if err != nil {
		return false, false, err
	}
	got := argon2.IDKey([]byte(password), salt, p.time, p.memory, p.lanes, uint32(len(key)))
	ok = subtle.ConstantTimeCompare(got, key) == 1
	return ok, ok && (p != current || len(key) != keyLen), nil
}

func decode(encoded string) (p params, salt, key []byte, err error) {
	parts := strings.Split(encoded, "$")
	var version int
	if len(parts) != 6 || parts[1] != "argon2id" {
		return p, nil, nil, errors.New("password hash of unknown format")
	}
	if _, err = fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, nil, nil, errors.New("password hash of unknown argon2 version")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); err != nil || p.time < 1 || p.lanes < 1 {
		return p, nil, nil, errors.New("password hash with bad parameters")
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if err = errors.Join(saltErr, keyErr); err != nil || len(key) == 0 {
		return p, nil, nil, errors.New("password hash with bad salt or key")
	}
	return p, salt, key, nil
}
