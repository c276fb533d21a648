package domain

import (
	"io"
	"math"
	"time"
)

// Submitted is the answer to a submission.
type Submitted struct {
	Job              Job
	QueuePosition    int64 // 0 when the job does not wait any more
	EstimatedMinutes float64
	Repeated         bool // the job is that of an earlier request with the same key
}

// Filter selects a page of a user's jobs.
type Filter struct {
	Status Status // "" is all
	Skip   int
	Limit  int
}

// Page is a page of a user's jobs with the figures about all of them.
type Page struct {
	Jobs  []Job
	Total int64 // that match the filter
	Totals
	Filter Filter
}

// Totals are over all jobs of a user.
type Totals struct {
	Jobs, Completed, Failed, Pending, Processing int64
	Frames                                       int64
	ProcessingSeconds                            float64
}

// SuccessRate is the share of completed jobs, in percent.
func (t Totals) SuccessRate() float64 {
	if t.Jobs == 0 {
		return 0
	}
	return Round2(float64(t.Completed) / float64(t.Jobs) * 100)
}

// Round2 rounds to hundredths.
func Round2(v float64) float64 { return math.Round(v*100) / 100 }

// View is one job as its owner sees it now.
type View struct {
	Job           Job
	QueuePosition int64 // 1 is next; 0 when the job does not wait
	Now           time.Time
}

// Content is an archive to be sent; the receiver closes it.
type Content interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Download is a completed job and its archive.
type Download struct {
	Job     Job
	Content Content
	Size    int64
}

// Deletion says what a deletion removed.
type Deletion struct {
	JobID string
	Files []string // keys, relative to the root of the storage
	Freed int64    // bytes
}

// Health is the state of the service and of what it depends on.
type Health struct {
	At           time.Time
	Database     Check
	Identity     Check
	Storage      Check
	Capacity     int64 // jobs that live workers take at a time
	ActiveJobs   int64
	QueueLength  int64
	MaxFileSize  int64
	JobTimeout   time.Duration
	Version      string
	Dependencies bool // all that the service cannot do without answer
}

// Check is the answer of one dependency.
type Check struct {
	Healthy bool
	Took    time.Duration
	At      time.Time
}

// Load is how busy the queue is at this moment.
type Load struct {
	Capacity, Workers, Processing, Pending int64
}

// Activity is what has happened since a time.
type Activity struct {
	CompletedToday    int64
	Frames            int64
	Completed, Failed int64
	MeanProcessing    float64 // seconds
	MeanWait          float64 // seconds
}

// SuccessRate is completed of ended jobs in percent; 100 when none ended.
func (a Activity) SuccessRate() float64 {
	if a.Completed+a.Failed == 0 {
		return 100
	}
	return Round2(float64(a.Completed) / float64(a.Completed+a.Failed) * 100)
}

// Resources are those of the reporting host, in percent; nil where it does not tell.
type Resources struct {
	CPU, Memory, Disk *float64
}

// Stats are the figures of the whole system.
type Stats struct {
	Activity  Activity
	Load      Load
	Resources Resources
}
