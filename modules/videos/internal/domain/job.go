package domain

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Owner is who a job belongs to, as the access token of the submission said.
type Owner struct {
	ID    string
	Email string
	Name  string
	// Locale is the language of the submission, for mails about the job; BCP 47, empty when unknown.
	Locale string
	Admin  bool // as of the request; not stored
}

// VideoInfo is what the probe found in the video; zero means unknown.
type VideoInfo struct {
	Duration  float64 `json:"duration"` // seconds
	FrameRate float64 `json:"frame_rate"`
	Width     int     `json:"width"`
	Height    int     `json:"height"`
	Codec     string  `json:"codec"`
	Container string  `json:"container"`
	Bitrate   int64   `json:"bitrate"` // bits per second
	HasAudio  bool    `json:"has_audio"`
	CreatedAt string  `json:"created_at,omitempty"`
}

// Priorities of a job; the queue serves the higher ones first.
const (
	Low    = 1
	Normal = 2
	High   = 3
	Urgent = 4
)

// Source is the stored upload.
type Source struct {
	Key       string
	Size      int64
	SHA256    string
	RemovedAt *time.Time
}

// Result is the archive of a completed job.
type Result struct {
	Key       string
	Size      int64
	SHA256    string
	Frames    int
	Truncated bool
	Partial   string
	DamagedAt *float64
}

// Job is one video to be turned into frames.
type Job struct {
	ID              string
	Owner           Owner
	Filename        string // for display only
	Format          string // lower-case extension
	Source          Source
	Info            VideoInfo
	Params          Params
	EstimatedFrames *int64
	AutoCleanup     bool

	Status     Status
	Priority   int
	TurnAt     time.Time // its place in line
	RunAt      time.Time // not before
	Attempt    int
	CrashCount int
	LeaseOwner string
	LeaseToken int64
	LeaseUntil *time.Time

	Progress     Progress
	Result       *Result
	ErrorCode    string
	ErrorMessage string

	CreatedAt   time.Time
	UpdatedAt   time.Time
	StartedAt   *time.Time
	CompletedAt *time.Time
}

// Downloadable tells whether the job has an archive to hand out.
func (j Job) Downloadable() bool { return j.Status == Completed && j.Result != nil }

// Took is how long the last attempt ran, until now while it still does; ok is false when none has started.
func (j Job) Took(now time.Time) (d time.Duration, ok bool) {
	if j.StartedAt == nil {
		return 0, false
	}
	end := now
	if j.CompletedAt != nil {
		end = *j.CompletedAt
	}
	return max(0, end.Sub(*j.StartedAt)), j.Status != Pending
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// ParseID returns the id in its stored form, or ErrNotFound: a malformed id names no job.
func ParseID(raw string) (string, error) {
	id := strings.ToLower(raw)
	if !uuidForm.MatchString(id) {
		return "", ErrNotFound
	}
	return id, nil
}

// SourceKey is where an upload is kept.
func SourceKey(userID, uploadID, ext string) string {
	return "videos/" + keyPart(userID) + "/" + uploadID + "." + ext
}

// ResultKey is where the attempt that holds token puts its archive. The token keeps the archives of a lost attempt and
// of its successor apart, so neither can overwrite the other.
func ResultKey(userID, jobID string, token int64) string {
	return ResultPrefix(userID, jobID) + strconv.FormatInt(token, 10) + ".zip"
}
