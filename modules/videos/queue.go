package videos

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Queue is what a worker may do with jobs. The job row is the truth; every write after Claim repeats the lease (job id
// and lease token) and changes nothing when another attempt has taken over. Safe for concurrent use.
type Queue interface {
	// Claim takes up to n due jobs and segments of jobs, urgent and old ones first, for worker and starts an attempt of each.
	Claim(ctx context.Context, worker string, n int) ([]Claim, error)
	// ClaimJob takes that job if it is still due; ok is false when it is not.
	ClaimJob(ctx context.Context, worker, jobID string) (c Claim, ok bool, err error)
	// Renew extends the lease and stores the progress; the answer says whether the user asked to stop.
	// ErrLeaseLost: another attempt has the job or it is gone; stop at once and write nothing more.
	Renew(ctx context.Context, l Lease, p Progress) (cancelled bool, err error)
	// Complete ends the job with its result, ErrLeaseLost as for Renew.
	Complete(ctx context.Context, l Lease, r Result) error
	// Fail ends the attempt: with Retry the job waits for another one while attempts remain, otherwise it has failed.
	Fail(ctx context.Context, l Lease, f Failure) error
	// Cancelled acknowledges that the work has stopped because the user asked for it.
	Cancelled(ctx context.Context, l Lease) error
	// Release gives the job back unfinished, at no cost to it: the worker is shutting down.
	Release(ctx context.Context, l Lease) error
	Divider
	// Report notes what a worker says of itself, for operators and for the capacity that the health route shows.
	Report(ctx context.Context, r WorkerReport) error
}

// States of a worker.
const (
	WorkerWorking  = domain.WorkerWorking
	WorkerStopping = domain.WorkerStopping
	WorkerStopped  = domain.WorkerStopped
)

// WorkerReport is what a worker says of itself.
type WorkerReport struct {
	ID        string
	State     string // WorkerWorking, WorkerStopping or WorkerStopped
	Capacity  int    // jobs at a time
	Running   int    // jobs now
	Completed int64  // jobs since it started
	Failed    int64  // attempts since it started that ended with a failure
	Uptime    time.Duration
}

// Lease is a worker's hold on a job, or on a segment of it. Token grows with every claim and fences late writers.
type Lease struct {
	JobID   string
	Segment int // from 1; 0 is the job
	Token   int64
	Worker  string
	Length  time.Duration // from the claim, and from each renewal; no instant, because the worker's clock need not agree
	Every   time.Duration // renew this often
}

// Claim is a job as the worker that holds it needs to know it.
type Claim struct {
	Lease     Lease
	Attempt   int  // from 1
	LastCrash bool // if the decoder breaks down once more, the job has failed
	UserID    string
	Filename  string  // the client's name, for display only
	SourceKey string  // blob key of the video
	ResultKey string  // blob key for the archive of this very attempt
	Duration  float64 // seconds, as probed at submission; 0 when unknown
	Params    Params
	Stretch   Stretch // of the images, when the lease is on a segment
	Divided   bool    // the job has segments, of this attempt or of one before it
}

// Params are the extraction parameters frozen into a job. Exactly one of FPS, Every, Times, Keyframes and Scene says which
// pictures are wanted. Zero means off or the default unless said otherwise.
type Params struct {
	FPS       float64   `json:"fps"`                       // pictures per second
	Every     int       `json:"every,omitempty"`           // every Nth picture of the film
	Times     []float64 `json:"timestamps,omitempty"`      // the pictures shown at these seconds, ascending
	Keyframes bool      `json:"keyframes_only,omitempty"`  // the pictures that the file stores as a whole
	Scene     float64   `json:"scene_threshold,omitempty"` // the first picture of each scene: share of change that begins one

	Format    string   `json:"format"`               // png, jpg, jpeg, webp, avif: also the extension of the images
	Quality   int      `json:"quality"`              // 1-100, not for PNG
	Start     float64  `json:"start_time"`           // seconds from the first picture
	End       *float64 `json:"end_time,omitempty"`   // seconds, exclusive
	MaxFrames *int     `json:"max_frames,omitempty"` // first N; nil is no limit
	Crop      *Rect    `json:"crop,omitempty"`       // of the upright picture, before scaling
	Width     int      `json:"width,omitempty"`      // pixels; 0 keeps the aspect ratio
	Height    int      `json:"height,omitempty"`
	Dedupe    int      `json:"dedupe,omitempty"`   // leave out pictures that differ in at most so many of 64 bits of a hash
	NoTone    bool     `json:"keep_hdr,omitempty"` // do not map HDR to SDR

	Manifest     bool   `json:"include_manifest"`
	ContactSheet bool   `json:"contact_sheet,omitempty"` // add pages of small pictures
	Storyboard   bool   `json:"storyboard,omitempty"`    // add sprites and a WebVTT file for players
	NameTemplate string `json:"name_template,omitempty"` // of the images
}

// Rect is a part of a picture in pixels.
type Rect = domain.Rect

// Progress is what a running attempt reports.
type Progress struct {
	Percent float64 `json:"percentage"` // 0-100, share of the timeline done
	Stage   string  `json:"message"`    // a sentence of contract 5.7
	Frames  int     `json:"frames"`     // images written so far
	Rate    float64 `json:"rate"`       // seconds of film per second; 0 when unknown
	ETA     float64 `json:"eta"`        // seconds left; 0 when unknown
}

// Result is a finished attempt's archive.
type Result struct {
	Key       string
	Size      int64  // bytes
	SHA256    string // hex, of the archive
	Frames    int
	Truncated bool     // the operator's hard limit cut it
	Partial   string   // why the film ended early; empty when it did not
	DamagedAt *float64 // seconds: from here on the film could not be read; nil when it could
}

// Failure says why an attempt ended without a result. Message is shown to the user, Detail only logged.
type Failure struct {
	Code    string // CRASHED, NO_FRAMES, ... (reliability 3.4)
	Message string
	Detail  string
	Retry   bool // infrastructure: another attempt may work
}
