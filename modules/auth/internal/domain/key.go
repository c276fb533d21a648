package domain

import "time"

// KeyState is a stage in the life of a signing key; the stages follow each other and none is left out.
type KeyState string

// The states of a key. All are published, so that a token verifies whichever of them signed it.
const (
	KeyNext     KeyState = "next"     // published, but signs nothing yet: verifiers learn it in time
	KeyCurrent  KeyState = "current"  // signs
	KeyRetiring KeyState = "retiring" // signs no more; its last tokens have not expired
)

// SigningKey is a key pair as it is stored.
type SigningKey struct {
	ID         string // kid
	Algorithm  string
	State      KeyState
	Public     []byte // JSON Web Key
	Sealed     []byte // the private JSON Web Key, encrypted
	CreatedAt  time.Time
	CurrentAt  *time.Time
	RetiringAt *time.Time
}

// KeyPlan is when keys change.
type KeyPlan struct {
	Algorithm string
	Every     time.Duration // how long a key signs
	Lead      time.Duration // how long a key is published before it signs
	Keep      time.Duration // how long a key is published after it signed last
}

// Due says whether next should take over from current: its time has come, or the algorithm was changed.
func (p KeyPlan) Due(current, next SigningKey, now time.Time) bool {
	if now.Sub(next.CreatedAt) < p.Lead {
		return false
	}
	return current.Algorithm != p.Algorithm || current.CurrentAt == nil || now.Sub(*current.CurrentAt) >= p.Every
}

// KeysByState finds the key that signs and the one that will; ok is false for what is missing.
func KeysByState(keys []SigningKey) (current, next SigningKey, hasCurrent, hasNext bool) {
	for _, k := range keys {
		switch k.State {
		case KeyCurrent:
			current, hasCurrent = k, true
		case KeyNext:
			next, hasNext = k, true
		case KeyRetiring:
		}
	}
	return current, next, hasCurrent, hasNext
}

// KeyChange is a rotation: Current retires, Next signs, Fresh is the next one.
type KeyChange struct {
	Current, Next string
	Fresh         SigningKey
	At            time.Time
}
