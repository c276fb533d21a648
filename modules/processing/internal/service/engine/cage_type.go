package engine

// Cage says which layers hold a decoding child on this machine. A layer that does not hold has the reason beside it.
type Cage struct {
	NoNewPrivs  string            `json:"no_new_privs"` // "on", or why not
	Landlock    string            `json:"landlock"`
	LandlockABI int               `json:"landlock_abi"`
	Seccomp     string            `json:"seccomp"`
	Escapes     map[string]string `json:"escapes"` // what a child tried, and how that ended: "denied" or "allowed"
}

// Holds tells whether every layer is on and every escape was denied.
func (c Cage) Holds() bool {
	for _, end := range c.Escapes {
		if end != denied {
			return false
		}
	}
	return c.NoNewPrivs == on && c.Landlock == on && c.Seccomp == on
}

const (
	on     = "on"
	denied = "denied"
)
