package domain

import "time"

// A long job may be worked on in parts. The attempt that holds the job divides it; any worker may then claim a segment, as it
// claims a job; and when all are done the attempt that holds the job joins their parts into its result. The job stays
// Processing for all that, under one lease: segments are how the work is done, not a state of the job.
//
//	           claim              complete
//	waiting ----------> running ------------> done
//	    ^                  |  |
//	    |                  |  `-------------> dropped, and all other segments with it
//	    `------------------'   fail, poison
//	release, rescue, retry
//
// Segments live on when the attempt that made them dies: the next one goes on with them. Where a segment meets anything that
// another try will not mend, all are dropped and the attempt that holds the job does it as a whole, so that result and message are
// those of a job that was never divided. Every move is one UPDATE that names the state it leaves; a worker's moves name the
// segment's own token and need the job to be open.

// SegmentState is the state of a segment.
type SegmentState string

// The states.
const (
	SegmentWaiting SegmentState = "waiting"
	SegmentRunning SegmentState = "running"
	SegmentDone    SegmentState = "done"
	SegmentDropped SegmentState = "dropped"
)

// Stretch is the images From+1 to To of a job.
type Stretch struct{ From, To int }

// Segment is a stretch of a job's images.
type Segment struct {
	JobID  string
	Number int // from 1
	Stretch
	State   SegmentState
	Attempt int
	Losses  int // attempts that ended because the worker fell silent
	Token   int64
	Owner   string // of the lease
	Until   *time.Time
	Key     string // of the part, when it is done
	Size    int64  // bytes of it
	Frames  int    // images that are made
	Rate    float64
}

// Claim is an attempt that begins: of the job, or of a segment of it.
type Claim struct {
	Job     Job
	Segment *Segment
	Divided bool // the job has segments already
}

// Lease is the hold of the attempt.
func (c Claim) Lease() Lease {
	if s := c.Segment; s != nil {
		return Lease{JobID: s.JobID, Segment: s.Number, Token: s.Token, Worker: s.Owner}
	}
	return Lease{JobID: c.Job.ID, Token: c.Job.LeaseToken, Worker: c.Job.LeaseOwner}
}

// ResultKey is where the attempt puts what it makes.
func (c Claim) ResultKey() string {
	if s := c.Segment; s != nil {
		return PartKey(c.Job.Owner.ID, c.Job.ID, s.Number, s.Token)
	}
	return ResultKey(c.Job.Owner.ID, c.Job.ID, c.Job.LeaseToken)
}

// SegmentEnding is what becomes of a segment whose attempt ends without a part.
type SegmentEnding struct {
	State   SegmentState // SegmentWaiting or SegmentDropped
	RunAt   time.Time
	Losses  int
	Code    string
	Outcome Outcome // of the attempt
}

// DecideSegment says what becomes of a segment whose attempt ended without a part.
type DecideSegment func(s Segment, now time.Time) SegmentEnding

// AfterSegmentFailure lets outages pass. Whatever else is wrong with a part is for the whole job to find and to say.
func (p Policy) AfterSegmentFailure(s Segment, f Failure, now time.Time) SegmentEnding {
	end := SegmentEnding{State: SegmentWaiting, Losses: s.Losses, Code: f.Code, Outcome: Retried}
	switch {
	case f.Code == CodeCrashed:
		end.State, end.Outcome = SegmentDropped, Crashed
	case !f.Retry || s.Attempt-s.Losses >= p.MaxAttempts:
		end.State, end.Outcome = SegmentDropped, Broken
	default:
		end.RunAt = now.Add(p.backoff(s.Attempt))
	}
	return end
}

// AfterSegmentLoss lets another worker try at once, unless the segment keeps losing them.
func (p Policy) AfterSegmentLoss(s Segment, now time.Time) SegmentEnding {
	end := SegmentEnding{State: SegmentWaiting, RunAt: now, Losses: s.Losses + 1, Code: CodeCrashed, Outcome: Lost}
	if end.Losses >= p.MaxCrashes {
		end.State = SegmentDropped
	}
	return end
}
