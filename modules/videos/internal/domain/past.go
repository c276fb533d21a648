package domain

import (
	"io"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/fiapx/fiapx/platform/fault"
)

// Why a job of another installation cannot come here.
var (
	ErrPastID     = fault.New(fault.Invalid, "videos.adopt_id", "The id of the job or of its owner is no UUID.")
	ErrPastName   = fault.New(fault.Invalid, "videos.adopt_filename", "Nothing is left of the file name without path and control characters.")
	ErrPastStatus = fault.New(fault.Invalid, "videos.adopt_status", "The status is none of pending, processing, completed, failed and cancelled; correct it at its origin.")
	ErrPastTime   = fault.New(fault.Invalid, "videos.adopt_time", "The time of creation is missing or out of range; correct it at its origin.")
	ErrPastOwner  = fault.New(fault.Conflict, "videos.adopt_foreign", "A job of somebody else here has this id already.")
)

// ErrPastParams is a note on a job that comes all the same.
var ErrPastParams = fault.New(fault.Invalid, "videos.adopt_params", "The parameters are not valid here; the job has ended, so defaults are shown in their place.")

// ErrSourceLost is how a job ends that waited elsewhere and whose video did not come along.
var ErrSourceLost = fault.New(fault.NotFound, "videos.source_lost", "The video of this job did not come along when the service moved; submit it again.")

// errElsewhere is what is shown of a failure that had no words.
const errElsewhere = "The job failed before the service moved; submit the video again."

// CodeElsewhere marks failures that happened in another installation.
const CodeElsewhere = "videos.failed_elsewhere"

// PastFile is a file that comes with a job. Open is nil when it is missing; Size is then what was noted of it.
type PastFile struct {
	Size int64
	Open func() (io.ReadCloser, error)
}

// Past is a job as another installation kept it. Times may be missing but that of the creation.
type Past struct {
	ID, Filename, Format, Status, Error string

	Owner           Owner
	Form            map[string]string // parameters by the names of ParamFields
	Info            VideoInfo
	EstimatedFrames *int64
	Frames          int
	Source, Result  PastFile
	CreatedAt       time.Time
	UpdatedAt       *time.Time
	StartedAt       *time.Time
	EndedAt         *time.Time

	Downloads                       int64
	FirstDownloaded, LastDownloaded *time.Time
}

// Job is the job as it is kept here, with what is amiss. One that waited or ran waits here.
func (p Past) Job() (Job, []*fault.Error, error) {
	id, err := ParseID(p.ID)
	owner, ownerErr := ParseID(p.Owner.ID)
	status := Status(strings.ToLower(strings.TrimSpace(p.Status)))
	name := CleanName(p.Filename)
	switch {
	case err != nil || ownerErr != nil:
		return Job{}, nil, ErrPastID
	case name == "":
		return Job{}, nil, ErrPastName
	case !status.Valid():
		return Job{}, nil, ErrPastStatus
	case p.CreatedAt.IsZero():
		return Job{}, nil, ErrPastTime
	}
	job := Job{
		ID: id, Owner: p.Owner, Filename: name, Format: pastFormat(p.Format), Info: p.Info.finite(), EstimatedFrames: p.EstimatedFrames,
		Status: status, Priority: Normal, TurnAt: p.CreatedAt, RunAt: p.CreatedAt, CreatedAt: p.CreatedAt, UpdatedAt: p.CreatedAt, StartedAt: p.StartedAt,
	}
	job.Owner.ID = owner
	if p.UpdatedAt != nil {
		job.UpdatedAt = *p.UpdatedAt
	}
	job.Source = Source{Key: SourceKey(owner, id, job.Format), Size: p.Source.Size}
	return p.settle(job)
}

func (p Past) settle(job Job) (Job, []*fault.Error, error) {
	var notes []*fault.Error
	if job.Status == Processing {
		job.Status = Pending
	}
	if job.Status == Pending {
		job.StartedAt = nil
	}
	params, err := ParseParams(p.Form, pastParams())
	switch {
	case err != nil && job.Status == Pending:
		return Job{}, nil, err
	case err != nil:
		params = pastParams()
		notes = append(notes, ErrPastParams)
	}
	job.Params = params
	if p.Source.Open == nil {
		job.Source.RemovedAt = &job.UpdatedAt
	}
	switch {
	case job.Status == Pending && p.Source.Open == nil:
		job.Status, job.ErrorCode, job.ErrorMessage = Failed, ErrSourceLost.Code, ErrSourceLost.Message
	case job.Status == Failed:
		job.ErrorCode, job.ErrorMessage = CodeElsewhere, pastError(p.Error)
	case job.Status == Completed:
		job.Result = &Result{Key: ResultKey(job.Owner.ID, job.ID, 0), Size: p.Result.Size, Frames: p.Frames}
	}
	if job.Status != Pending {
		job.Owner.Email = "" // it is kept for mails, and none is due any more
		job.CompletedAt = &job.UpdatedAt
		if p.EndedAt != nil {
			job.CompletedAt = p.EndedAt
		}
	}
	return job, notes, nil
}

// pastParams are those of the other installation, which put no manifest into its archives.
func pastParams() Params {
	p := defaultParams()
	p.Manifest = false
	return p
}

func pastFormat(s string) string {
	if ext, err := Extension("x." + s); err == nil {
		return ext
	}
	return "bin"
}

// finite drops numbers that JSON cannot hold.
func (v VideoInfo) finite() VideoInfo {
	if math.IsNaN(v.Duration) || math.IsInf(v.Duration, 0) || v.Duration < 0 {
		v.Duration = 0
	}
	if math.IsNaN(v.FrameRate) || math.IsInf(v.FrameRate, 0) || v.FrameRate < 0 {
		v.FrameRate = 0
	}
	return v
}

const maxPastError = 500

var serverPath = regexp.MustCompile(`(?:/[\w.@+-]+){2,}/?`)

// pastError is the text of a failure without the places on the server that it names.
func pastError(s string) string {
	s = serverPath.ReplaceAllString(strings.ToValidUTF8(s, ""), "…")
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return displayableText(r)
	}, s)
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return errElsewhere
	case len(s) > maxPastError:
		return cut(s, maxPastError)
	}
	return s
}

func displayableText(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return -1
}
