package notify

import (
	"errors"
	"time"
)

// Config is what an operator may set, beside the mail server.
type Config struct {
	Sweep    time.Duration `env:"FIAPX_NOTIFY_SWEEP" default:"1m" help:"how often to look for ended jobs that no event told of"`
	LookBack time.Duration `env:"FIAPX_NOTIFY_LOOK_BACK" default:"72h" help:"after a pause, jobs that ended longer ago than this are not mailed about any more"`
}

// overlap is how far the search for missed ends goes back behind what it has seen: transactions commit out of order.
const overlap = 10 * time.Minute

// Validate reports what is wrong, by the name of the variable.
func (c Config) Validate() error {
	var errs []error
	if c.Sweep < time.Second {
		errs = append(errs, errors.New("FIAPX_NOTIFY_SWEEP must be a second or more, like 1m"))
	}
	if c.LookBack < overlap {
		errs = append(errs, errors.New("FIAPX_NOTIFY_LOOK_BACK must be 10m or more, like 72h"))
	}
	return errors.Join(errs...)
}
