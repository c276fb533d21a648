package domain

import "slices"

// Status is the state of a job.
type Status string

// The states. Completed, Failed and Cancelled are final.
const (
	Pending    Status = "pending"
	Processing Status = "processing"
	Completed  Status = "completed"
	Failed     Status = "failed"
	Cancelled  Status = "cancelled"
)

// moves is the whole state machine. Processing goes back to Pending when a worker is lost, shuts down, or meets a
// failure of the infrastructure that another attempt may not meet.
//
//	           claim                 complete
//	pending ---------> processing ------------> completed
//	   |  ^                |  |  \     fail
//	   |  `----------------'  |   `-----------> failed
//	   |   release, rescue    |
//	   `------> cancelled <---'
var moves = map[Status][]Status{
	Pending:    {Processing, Cancelled},
	Processing: {Pending, Completed, Failed, Cancelled},
}

// CanBecome tells whether the state machine has the move from s to next.
func (s Status) CanBecome(next Status) bool { return slices.Contains(moves[s], next) }

// Terminal tells whether no move leads out of s.
func (s Status) Terminal() bool { return s.Valid() && len(moves[s]) == 0 }

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
