package domain

import (
	"math/rand/v2"
	"time"
)

// Lease is a worker's hold on a job, or on a segment of it; Token fences late writers.
type Lease struct {
	JobID   string
	Segment int // from 1; 0 is the job
	Token   int64
	Worker  string
	Length  time.Duration
	Every   time.Duration
}

// Failure says why an attempt ended without a result.
type Failure struct {
	Code    string
	Message string
	Detail  string
	Retry   bool
}

// CodeCrashed is the failure of an attempt whose worker or decoder died: the video may be what kills it.
const CodeCrashed = "CRASHED"

// Policy is how the queue treats attempts.
type Policy struct {
	Lease       time.Duration // a hold lasts this long unless renewed
	Heartbeat   time.Duration // workers renew this often
	MaxAttempts int           // attempts of a job when the infrastructure fails; crashes count apart
	MaxCrashes  int           // crashes after which a job is poison
	MaxRunning  int           // jobs that run at a time in all; 0 is no limit
	MaxPerUser  int           // the same of one user
	Jitter      func() float64
}

// Ending is what becomes of a job whose attempt ends without a result.
type Ending struct {
	Status     Status // Pending or Failed
	RunAt      time.Time
	CrashCount int
	Code       string
	Message    string
	Outcome    Outcome // of the attempt
}

// AfterFailure decides whether the job gets another attempt.
func (p Policy) AfterFailure(job Job, f Failure, now time.Time) Ending {
	end := Ending{CrashCount: job.CrashCount, Code: f.Code, Message: f.Message, Outcome: Retried}
	if f.Code == CodeCrashed {
		end.CrashCount++
		end.Outcome = Crashed
	}
	again := f.Retry && job.Attempt-end.CrashCount < p.MaxAttempts && end.CrashCount < p.MaxCrashes
	if !again {
		end.Status = Failed
		if f.Code != CodeCrashed {
			end.Outcome = Broken
		}
		return end
	}
	end.Status, end.RunAt = Pending, now.Add(p.backoff(job.Attempt))
	return end
}

// LastCrash tells whether the job has failed if its decoder breaks down in this attempt.
func (p Policy) LastCrash(job Job) bool {
	return p.AfterFailure(job, Failure{Code: CodeCrashed, Retry: true}, time.Time{}).Status == Failed
}

// AfterLoss decides about a job whose worker stopped renewing its lease.
func (p Policy) AfterLoss(job Job, now time.Time) Ending {
	end := p.AfterFailure(job, Failure{
		Code: CodeCrashed, Retry: true,
		Message: "Processing stopped unexpectedly more than once; the video may be damaged. Try another file or convert this one.",
	}, now)
	end.Outcome = Lost
	return end
}

const maxBackoff = 300 * time.Second

// backoff is full jitter below min(2^attempt, 300) s: retries of many jobs that failed together do not meet again.
func (p Policy) backoff(attempt int) time.Duration {
	top := min(time.Second<<min(attempt, 10), maxBackoff)
	jitter := rand.Float64
	if p.Jitter != nil {
		jitter = p.Jitter
	}
	return time.Duration(jitter() * float64(top))
}

// Decide says what becomes of a job whose attempt ended without a result.
type Decide func(job Job, now time.Time) Ending
