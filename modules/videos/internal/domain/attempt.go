package domain

import "time"

// Outcome is how an attempt ended.
type Outcome string

// The outcomes.
const (
	Running  Outcome = "running"   // it has not ended
	Done     Outcome = "completed" // with a result
	Broken   Outcome = "failed"    // for good
	Retried  Outcome = "retry"     // by the infrastructure; there is another one
	Crashed  Outcome = "crashed"   // the decoder died
	Lost     Outcome = "lost"      // the worker fell silent
	Released Outcome = "released"  // the worker stopped and gave the job back, at no cost
	Stopped  Outcome = "cancelled" // by the owner
)

// Attempt is one line of a job's log.
type Attempt struct {
	Segment   int // of the job, from 1; 0 is the job itself
	Token     int64
	Attempt   int
	Worker    string
	StartedAt time.Time
	EndedAt   *time.Time
	Outcome   Outcome
	Code      string // of the failure
}
