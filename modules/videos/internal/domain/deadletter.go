package domain

import "time"

// DeadLetter is a job that has failed for good, as an operator sees it. The row is the dead letter: there is no other
// queue to lose it in.
type DeadLetter struct {
	JobID    string
	UserID   string
	Filename string
	Code     string
	Message  string
	FailedAt time.Time
	Attempt  int  // attempts since the last submission or retry
	Crashes  int  // of them, those that killed the decoder or the worker
	Gone     bool // the video is no longer kept, so that no retry can help
}

// DeadLetters is a page of them.
type DeadLetters struct {
	Jobs  []DeadLetter
	Total int64
}
