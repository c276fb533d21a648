package repository

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// topic is where the facts about jobs are published.
const topic = "video_jobs"

type jobRow struct {
	ID              string `gorm:"primaryKey"`
	UserID          string
	UserEmail       string
	UserName        string
	Locale          string
	Filename        string
	VideoFormat     string
	SourceKey       string
	SourceSize      int64
	SourceSHA256    string `gorm:"column:source_sha256"`
	SourceRemovedAt *time.Time
	VideoInfo       string
	Duration        float64
	Params          string
	EstimatedFrames *int64
	AutoCleanup     bool

	Status            string
	Priority          int
	TurnAt            time.Time
	RunAt             time.Time
	ParamsVersion     int
	Attempt           int
	CrashCount        int
	LeaseOwner        string
	LeaseToken        int64
	LeaseUntil        *time.Time
	CancelRequestedAt *time.Time

	ProgressPercent float64
	ProgressStage   string
	ProgressFrames  int
	ProgressRate    float64
	ProgressETA     float64 `gorm:"column:progress_eta"`
	ProgressAt      *time.Time

	ResultKey     string
	ResultSize    int64
	ResultSHA256  string `gorm:"column:result_sha256"`
	FrameCount    *int
	Truncated     bool
	PartialReason string
	DamagedAt     *float64
	ErrorCode     string
	ErrorMessage  string

	DownloadCount     int64
	FirstDownloadedAt *time.Time
	LastDownloadedAt  *time.Time
	CreatedAt         time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt         time.Time `gorm:"autoUpdateTime:false"`
	StartedAt         *time.Time
	CompletedAt       *time.Time
	DeletedAt         *time.Time
}

// TableName implements gorm's naming.
func (jobRow) TableName() string { return "jobs" }

func fromJob(j domain.Job) (jobRow, error) {
	params, err := json.Marshal(j.Params)
	if err != nil {
		return jobRow{}, fmt.Errorf("encode parameters: %w", err)
	}
	info, err := json.Marshal(j.Info)
	if err != nil {
		return jobRow{}, fmt.Errorf("encode video info: %w", err)
	}
	return jobRow{
		ID: j.ID, UserID: j.Owner.ID, UserEmail: j.Owner.Email, UserName: j.Owner.Name, Locale: j.Owner.Locale, Filename: j.Filename, VideoFormat: j.Format,
		SourceKey: j.Source.Key, SourceSize: j.Source.Size, SourceSHA256: j.Source.SHA256, VideoInfo: string(info),
		Duration: j.Info.Duration, Params: string(params), EstimatedFrames: j.EstimatedFrames, AutoCleanup: j.AutoCleanup,
		Status: string(j.Status), Priority: j.Priority, TurnAt: j.TurnAt, RunAt: j.RunAt, ParamsVersion: domain.ParamsVersion,
		CreatedAt: j.CreatedAt, UpdatedAt: j.UpdatedAt,
	}, nil
}

func toJob(r jobRow) (domain.Job, error) {
	j := domain.Job{
		ID: r.ID, Owner: domain.Owner{ID: r.UserID, Email: r.UserEmail, Name: r.UserName, Locale: r.Locale}, Filename: r.Filename, Format: r.VideoFormat,
		Source:          domain.Source{Key: r.SourceKey, Size: r.SourceSize, SHA256: r.SourceSHA256, RemovedAt: utc(r.SourceRemovedAt)},
		EstimatedFrames: r.EstimatedFrames, AutoCleanup: r.AutoCleanup, Status: domain.Status(r.Status), Priority: r.Priority,
		TurnAt: r.TurnAt.UTC(), RunAt: r.RunAt.UTC(), Attempt: r.Attempt, CrashCount: r.CrashCount,
		LeaseOwner: r.LeaseOwner, LeaseToken: r.LeaseToken, LeaseUntil: utc(r.LeaseUntil),
		Progress: domain.Progress{
			Percent: r.ProgressPercent, Stage: r.ProgressStage, Frames: r.ProgressFrames,
			Rate: r.ProgressRate, ETA: r.ProgressETA, At: utc(r.ProgressAt),
		},
		ErrorCode: r.ErrorCode, ErrorMessage: r.ErrorMessage, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
		StartedAt: utc(r.StartedAt), CompletedAt: utc(r.CompletedAt),
	}
	if r.ResultKey != "" && r.FrameCount != nil {
		j.Result = &domain.Result{
			Key: r.ResultKey, Size: r.ResultSize, SHA256: r.ResultSHA256, Frames: *r.FrameCount,
			Truncated: r.Truncated, Partial: r.PartialReason, DamagedAt: r.DamagedAt,
		}
	}
	if err := json.Unmarshal([]byte(r.Params), &j.Params); err != nil {
		return j, fmt.Errorf("decode parameters of job %s: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(r.VideoInfo), &j.Info); err != nil {
		return j, fmt.Errorf("decode video info of job %s: %w", r.ID, err)
	}
	return j, nil
}

func toJobs(rows []jobRow) ([]domain.Job, error) {
	jobs := make([]domain.Job, len(rows))
	for i, r := range rows {
		var err error
		if jobs[i], err = toJob(r); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

type outboxRow struct {
	ID          int64 `gorm:"primaryKey"`
	EventID     string
	EventType   string
	Topic       string
	Key         string
	Payload     string
	CreatedAt   time.Time `gorm:"autoCreateTime:false"`
	LockedUntil *time.Time
	PublishedAt *time.Time
}

// TableName implements gorm's naming.
func (outboxRow) TableName() string { return "outbox" }

type preferencesRow struct {
	UserID      string `gorm:"primaryKey"`
	Preferences string
	UpdatedAt   time.Time `gorm:"autoUpdateTime:false"`
}

// TableName implements gorm's naming.
func (preferencesRow) TableName() string { return "preferences" }

type workerRow struct {
	ID        string `gorm:"primaryKey"`
	Capacity  int
	StartedAt time.Time
	LastSeen  time.Time
	Version   string
	State     string `gorm:"default:working"`
	Running   int
	Completed int64
	Failed    int64
}

// TableName implements gorm's naming.
func (workerRow) TableName() string { return "workers" }
