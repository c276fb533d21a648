package domain

import (
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// ErrLeaseLost says that another attempt has the job, or that it has ended: stop at once and write nothing more.
var ErrLeaseLost = fault.New(fault.Conflict, "processing.lease_lost", "Another attempt has taken over the job.")

// Lease is the hold on a job, or on a segment of it; Token fences late writers.
type Lease struct {
	JobID   string
	Segment int // from 1; 0 is the job
	Token   int64
	Worker  string
	Length  time.Duration
	Every   time.Duration
}

// Patience is how long the work may go on after the claim, or the last successful renewal, was sent: 5/6 of the lease, so
// that it has stopped before anybody else may start. It is a length and no instant: the database's clock says when the lease
// ends, and the worker's may be minutes off.
func (l Lease) Patience() time.Duration { return l.Length * 5 / 6 }

// Claim is a job, or a segment of one, that this worker holds.
type Claim struct {
	Lease     Lease
	Asked     time.Time // when the claim was sent, on the worker's clock: the lease began no earlier
	Attempt   int       // from 1
	LastCrash bool      // no other attempt follows if the decoder breaks down
	Filename  string
	SourceKey string
	ResultKey string
	Duration  float64 // seconds, as known when it was submitted; 0 when it was not
	Params    Params
	Divided   bool // others may be working on segments of it

	Manifest     bool   // add manifest.json
	ContactSheet bool   // add one picture of all pictures
	Storyboard   bool   // add small pictures for players to show while seeking
	NameTemplate string // of the images; empty is the usual one
}

// Wanted is what the engine must give: the pictures asked for, and what the sheets are made of.
func (c Claim) Wanted() Params {
	p := c.Params
	if c.ContactSheet || c.Storyboard {
		p.Thumb = ThumbWidth
	}
	return p
}

// begins is where in the film, in seconds, the work does.
func (c Claim) begins() float64 {
	if c.Params.From > 0 && c.Params.FPS > 0 {
		return c.Params.Start + float64(c.Params.From)/c.Params.FPS
	}
	return c.Params.Start
}

// Extracting places the engine's own progress between the stages before and after it.
func (c Claim) Extracting(a Advance) Progress { return Extracting(a, c.begins()) }

// Result is a finished attempt's archive.
type Result struct {
	Key       string
	Archive   Archive
	Truncated bool
	Partial   string   // why the film ended early; empty when it did not
	DamagedAt *float64 // seconds: from here on the film could not be read; nil when it could
}

// Failure says why an attempt ended without a result. Message is shown to the user, Detail only logged.
type Failure struct {
	Code    string
	Message string
	Detail  string
	Retry   bool
}
