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

	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
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

// What a hash in the database may ask for. Ours ask for less; one that was imported, or planted, must not take the machine down.
const (
	maxMemoryKiB  = 128 * 1024
	maxPasses     = 16
	maxLanes      = 16
	maxBcryptCost = 14 // about a second
)

// shortestAdvice is what Retry-After can say.
const shortestAdvice = time.Second

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
	s, err := h.Reserve(ctx)
	if err != nil {
		return "", err
	}
	defer s.Release()
	return s.Hash(password), nil
}

// Verify checks a password. An empty encoded is a user who does not exist: it costs as much and is never ok.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (ok, outdated bool, err error) {
	s, err := h.Reserve(ctx)
	if err != nil {
		return false, false, err
	}
	defer s.Release()
	return s.Verify(encoded, password)
}

// Reserve waits for a slot as long as the configuration allows, then returns ErrBusy.
func (h *Hasher) Reserve(ctx context.Context) (usecase.Slot, error) {
	select {
	case h.slots <- struct{}{}: // without a race against a wait of nothing
		return &slot{hasher: h}, nil
	default:
	}
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return &slot{hasher: h}, nil
	case <-timer.C:
		return nil, ErrBusy.After(max(h.wait, shortestAdvice))
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a hashing slot: %w", ctx.Err())
	}
}

type slot struct {
	hasher   *Hasher
	released bool
}

func (s *slot) Hash(password string) string { return encode(password) }

func (s *slot) Verify(encoded, password string) (ok, outdated bool, err error) {
	if encoded == "" {
		_, _, err = verifyArgon(s.hasher.decoy, password)
		return false, false, err
	}
	if strings.HasPrefix(encoded, "$2") {
		ok, err = verifyBcrypt(encoded, password)
		return ok, ok, err
	}
	return verifyArgon(encoded, password)
}

// Release may be called again.
func (s *slot) Release() {
	if !s.released {
		s.released = true
		<-s.hasher.slots
	}
}

func verifyBcrypt(encoded, password string) (bool, error) {
	if cost, err := bcrypt.Cost([]byte(encoded)); err != nil || cost > maxBcryptCost {
		return false, fmt.Errorf("bcrypt hash of cost %d is damaged or too dear: %w", cost, errParameters)
	}
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

func (p params) sane() bool {
	return p.time >= 1 && p.time <= maxPasses && p.lanes >= 1 && p.lanes <= maxLanes && p.memory <= maxMemoryKiB
}

var errParameters = errors.New("password hash with bad parameters")

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
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); err != nil || !p.sane() {
		return p, nil, nil, errParameters
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if err = errors.Join(saltErr, keyErr); err != nil || len(key) == 0 {
		return p, nil, nil, errors.New("password hash with bad salt or key")
	}
	return p, salt, key, nil
}
