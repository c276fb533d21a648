// Package domain holds what a mail about a job is: one for each job and kind of end, and whom it goes to.
package domain

import (
	"strings"
	"time"
)

// Kind is a kind of end.
type Kind string

// The kinds. A cancelled job has been ended by its owner, who needs no telling.
const (
	Completed Kind = "completed"
	Failed    Kind = "failed"
)

// Delivery is one mail about a job, sent or to be sent.
type Delivery struct {
	JobID string
	Kind  Kind
	At    time.Time // when the end was noticed
}

// ID is the same for every notice of the same end. It also makes the Message-ID.
func (d Delivery) ID() string { return d.JobID + "." + string(d.Kind) }

// Parse is the inverse of ID; ok is false for an id that is none of ours.
func Parse(id string) (jobID string, kind Kind, ok bool) {
	jobID, word, found := strings.Cut(id, ".")
	kind = Kind(word)
	return jobID, kind, found && (kind == Completed || kind == Failed)
}

// Ended is an end that was found by looking for it.
type Ended struct {
	JobID string
	Kind  Kind
	At    time.Time
}

// Notice is a job as its owner is to be told of it.
type Notice struct {
	JobID    string
	Kind     Kind // empty when the job has not ended, or in no way that is told
	Email    string
	Name     string
	Language string
	Wanted   bool

	Filename  string
	Frames    int
	Size      int64 // bytes
	Took      time.Duration
	Partial   string   // why the film ended early; empty when it did not
	DamagedAt *float64 // seconds
	Truncated bool
	Reason    string // why the job failed and what to do
}

// nowhere is a domain that is reserved for examples: it has no mailboxes (RFC 2606, 3).
const nowhere = "@example.com"

// Deliverable says whether the notice still is about such an end, its owner wants it, and there is a mailbox to send it to.
func (n Notice) Deliverable(kind Kind) bool {
	return n.Kind == kind && n.Wanted && n.Email != "" && !strings.HasSuffix(strings.ToLower(n.Email), nowhere)
}

// Whole says whether the result is the whole film.
func (n Notice) Whole() bool { return n.Partial == "" && n.DamagedAt == nil && !n.Truncated }
