package domain

import "slices"

// Status is the state of a job.
type Status string

// The states. Completed, Failed and Cancelled are ends; only an order to try again leads out of one, Failed.
const (
	Pending    Status = "pending"
	Processing Status = "processing"
	Completed  Status = "completed"
	Failed     Status = "failed"
	Cancelled  Status = "cancelled"
)

// moves is the whole state machine. Processing goes back to Pending when a worker is lost, shuts down, or meets a
// failure of the infrastructure that another attempt may not meet; Failed does when its owner or an operator says so.
//
//	           claim                 complete
//	pending ---------> processing ------------> completed
//	 | ^  ^                |  |  \     fail
//	 | |  `----------------'  |   `-----------> failed
//	 | |   release, rescue    |                   |
//	 | `------------------------------------------'
//	 |              retry     |
//	 `--------> cancelled <---'
//
// Every move is one UPDATE that names the state it leaves. A worker's moves name its lease token as well. The token grows
// with every claim and never goes back, not even at a retry, so that a worker that was lost, and comes to its senses
// after somebody else has the job, moves nothing. It is part of the name of the attempt's archive for the same reason:
// two attempts never write one object, and the row alone says which of them counts.
var moves = map[Status][]Status{
	Pending:    {Processing, Cancelled},
	Processing: {Pending, Completed, Failed, Cancelled},
	Failed:     {Pending},
}

// CanBecome tells whether the state machine has the move from s to next.
func (s Status) CanBecome(next Status) bool { return slices.Contains(moves[s], next) }

// Valid tells whether s is one of the states.
func (s Status) Valid() bool {
	return slices.Contains([]Status{Pending, Processing, Completed, Failed, Cancelled}, s)
}

// Before lists the states from which next can be reached: the condition of the write that makes the move.
func Before(next Status) []Status {
	var from []Status
	for _, s := range []Status{Pending, Processing, Completed, Failed, Cancelled} {
		if s.CanBecome(next) {
			from = append(from, s)
		}
	}
	return from
}
