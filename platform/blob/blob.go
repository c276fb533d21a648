// Package blob is the port for big immutable objects: uploaded videos and result archives. disk keeps them in a folder,
// s3 in a bucket; blobtest is the contract that both pass. Objects appear whole or not at all.
package blob

import (
	"context"
	"io"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// ErrNotFound says that no object has that key.
var ErrNotFound = fault.New(fault.NotFound, "blob.not_found", "The file does not exist or has been removed.")

// ErrFull says that the storage has no room; nothing was stored.
var ErrFull = fault.New(fault.Unavailable, "blob.full", "The storage is full; delete results you no longer need or ask the operator for space.")

// Info describes an object.
type Info struct {
	Key      string
	Size     int64 // bytes
	Modified time.Time
}

// Reader reads one object from any offset. An implementation over a local file also has File() *os.File, so that a
// child process can be handed the descriptor instead of the bytes.
type Reader interface {
	io.ReaderAt
	io.Seeker
	io.Reader
	io.Closer
	Info() Info
}

// Writer collects one object. Exactly one of Commit and Abort takes effect; after either, the other does nothing.
// Commit returns once the object is durable (fsynced, or acknowledged by the bucket) and visible under its key.
type Writer interface {
	io.Writer
	Commit(ctx context.Context) (Info, error)
	Abort() error
}

// Store keeps objects under slash-separated keys ("results/USER/JOB/3.zip"). Keys are made by us, never by users; one
// that CheckKey refuses gets ErrKey from every method. A key must not also be the folder of another one ("a" and "a/b"):
// buckets can hold both, disks cannot. All methods are safe for concurrent use.
type Store interface {
	// Create starts an object. Until Commit nothing is visible under key; an existing object is replaced atomically.
	// Errors while writing: ErrFull, or the cause as is.
	Create(ctx context.Context, key string) (Writer, error)
	// Open returns ErrNotFound for a missing key.
	Open(ctx context.Context, key string) (Reader, error)
	// Stat returns ErrNotFound for a missing key.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete is idempotent and returns the bytes freed (0 when there was nothing).
	Delete(ctx context.Context, key string) (int64, error)
	// List calls visit for every object below the folder prefix ("results/USER"; "" is all), in key order. An object that
	// comes or goes meanwhile may or may not be seen. An error from visit ends it and is returned.
	List(ctx context.Context, prefix string, visit func(Info) error) error
	// Usage tells how full the storage is; total is 0 where it has no bound.
	Usage(ctx context.Context) (used, total int64, err error)
}
