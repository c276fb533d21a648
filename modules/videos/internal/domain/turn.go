package domain

import (
	"slices"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// ParamsVersion is of the parameters that this program writes into jobs. A program takes only jobs whose version it
// knows, so raise it with any parameter that an older worker would silently ignore.
const ParamsVersion = 1

// Order is how waiting jobs stand in line. Both figures are waiting times, so that priority, fairness and age add up to
// one moment, the job's turn, which is fixed at its submission: all jobs age alike. So no job waits for ever, whatever
// keeps coming, and an index alone finds the next one.
type Order struct {
	Turn time.Duration // a job stands back this long for each job of its owner that is before it
	Step time.Duration // a level of priority is worth this long
}

// maxAhead keeps a turn within what a timestamp holds.
const maxAhead = 1_000_000

// TurnAt is the turn of a job submitted now behind so many open jobs of its owner, of its own priority or above.
func (o Order) TurnAt(now time.Time, priority int, ahead int64) time.Time {
	return now.Add(time.Duration(min(ahead, maxAhead))*o.Turn - time.Duration(priority-Normal)*o.Step)
}

// Bid is a worker's request for jobs.
type Bid struct {
	Worker     string
	JobID      string // this one, or any when empty
	N          int    // at most
	Lease      time.Duration
	MaxRunning int // jobs that run at a time in all; 0 is no limit
	MaxPerUser int // the same of one user
}

// Limited says whether other running jobs matter.
func (b Bid) Limited() bool { return b.MaxRunning > 0 || b.MaxPerUser > 0 }

// priorities are the words for Low to Urgent.
var priorities = []string{"low", "normal", "high", "urgent"}

// PriorityName is the word for a priority.
func PriorityName(p int) string { return priorities[min(max(p, Low), Urgent)-Low] }

// PriorityOf reads the word; ok is false when it is none.
func PriorityOf(word string) (p int, ok bool) {
	i := slices.Index(priorities, word)
	return i + Low, i >= 0
}

// ErrPriority says that a priority is kept for administrators.
var ErrPriority = fault.New(fault.Forbidden, "videos.priority_not_allowed", "Only administrators may submit jobs of that priority; choose a lower one.")

// ParsePriority reads the field of a form; absent is Normal. Above most, only administrators pass: ErrPriority.
func ParsePriority(form map[string]string, most int, admin bool) (int, error) {
	r := &reader{form: form}
	word := r.oneOf("priority", PriorityName(Normal), priorities...)
	if err := r.err(); err != nil {
		return 0, err
	}
	p, _ := PriorityOf(word)
	if p > most && !admin {
		return 0, ErrPriority
	}
	return p, nil
}
