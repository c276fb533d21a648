package domain

import "time"

// What a worker is doing.
const (
	WorkerWorking  = "working"
	WorkerStopping = "stopping" // takes no more jobs and waits for those that run
	WorkerStopped  = "stopped"
)

// Worker is a process that takes jobs, as it described itself last.
type Worker struct {
	ID        string
	Version   string
	State     string
	Capacity  int   // jobs at a time
	Running   int   // jobs now
	Completed int64 // jobs since it started
	Failed    int64 // attempts since it started that ended with a failure
	StartedAt time.Time
	LastSeen  time.Time
}

// SuccessRate is the share of completed of all ended attempts, in percent; 100 when none ended.
func (w Worker) SuccessRate() float64 {
	if w.Completed+w.Failed == 0 {
		return 100
	}
	return Round2(float64(w.Completed) / float64(w.Completed+w.Failed) * 100)
}
