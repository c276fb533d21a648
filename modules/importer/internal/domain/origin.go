// Package domain holds what the original kept and what became of it.
package domain

import "time"

// Account is a row of the original's table users.
type Account struct {
	ID, Email, Username, PasswordHash, FirstName, LastName, Status string
	CreatedAt, UpdatedAt, LastLogin                                *time.Time // nil also for what is no date of this era
}

// Job is a row of the original's table video_jobs. Numbers that are missing or not finite are zero.
type Job struct {
	ID, UserID, Filename, FilePath, ZipPath, Format, Status, Error string

	FileSize  int64
	ZipSize   *int64
	Duration  float64
	FrameRate float64
	FPS       float64
	Frames    int64

	CreatedAt, UpdatedAt, StartedAt, EndedAt *time.Time

	Metadata     string // JSON; empty when there is none or too much
	MetadataSize int64  // bytes
}

// MaxMetadata is how many bytes of a job's JSON are looked at; the original writes a few hundred.
const MaxMetadata = 256 << 10

// Kind names a kind of file and its folder in the original's storage.
type Kind string

// The kinds.
const (
	Videos  Kind = "videos"
	Results Kind = "results"
)

// File is a file of the original that has been found.
type File struct {
	Path string // within the folder of files
	Size int64  // bytes
}

// Arrival is a row on its way: a job with what its row and its files say.
type Arrival struct {
	Job      Job
	Metadata Metadata
	Email    string // of the owner
	Name     string // of the owner
	Video    *File  // nil when it is missing
	Archive  *File  // nil when it is missing, or the job has none
}

// Fate is what becomes of a row that can come.
type Fate struct {
	Status string // of a job, here
	Known  bool   // it is here already, and stays as it is
	Later  bool   // it is here already, and files that were missing come now
	Notes  []Note
}

// Note says what is amiss.
type Note struct{ Code, Message string }
