package domain

import "time"

// WorkerReport is what a worker says of itself.
type WorkerReport struct {
	Worker    string
	Stopping  bool // takes no more jobs
	Stopped   bool
	Slots     int
	Running   int
	Completed int64 // jobs since it started
	Failed    int64 // attempts since it started that ended with a failure
	Uptime    time.Duration
}

// Outcome is how an attempt ended for the worker.
type Outcome string

// The outcomes.
const (
	Completed Outcome = "completed"
	Failed    Outcome = "failed"
	Cancelled Outcome = "cancelled" // by the owner of the job
	Lost      Outcome = "lost"      // another attempt may have the job
	Released  Outcome = "released"  // given back unfinished
)
