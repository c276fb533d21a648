package domain

import (
	"errors"
	"fmt"

	"github.com/fiapx/fiapx/platform/fault"
)

// Codes of failures that are not about the video.
const (
	CodeSourceGone  = "SOURCE_GONE"
	CodeStorage     = "STORAGE"
	CodeStorageFull = "STORAGE_FULL"
	CodeInternal    = "INTERNAL"
)

// StorageError marks an error that came from the storage, not from the video.
type StorageError struct{ Err error }

// Error describes the cause.
func (e *StorageError) Error() string { return "storage: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *StorageError) Unwrap() error { return e.Err }

// PanicError is a programming error that one job ran into; the worker lives on.
type PanicError struct {
	Value any
	Stack []byte
}

// Error describes what was thrown, and where.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.Value, e.Stack) }

// CodeCrashed is the failure of a decoder that broke down.
const CodeCrashed = "CRASHED"

// IsCrash tells that the decoder broke down, as opposed to the work around it.
func IsCrash(err error) bool { return FailureOf(err).Code == CodeCrashed }

// FailureOf tells what the user reads and whether another attempt may work. A video that is wrong stays wrong; storage
// that is out comes back; a decoder that crashed is tried again, and the queue counts how often.
func FailureOf(err error) Failure {
	f := Failure{Detail: err.Error()}
	var storage *StorageError
	if errors.As(err, &storage) {
		return ofStorage(f, storage)
	}
	problem := fault.From(err)
	f.Code, f.Message = problem.Code, problem.Message
	switch problem.Kind {
	case fault.Unavailable:
		f.Retry = true
	case fault.Internal:
		f.Code, f.Retry = CodeInternal, true
		f.Message = "Processing failed for a reason on our side; submit the video again, and report the job id if it persists."
	default:
	}
	return f
}

func ofStorage(f Failure, e *StorageError) Failure {
	switch problem := fault.From(e.Err); {
	case problem.Kind == fault.NotFound:
		f.Code, f.Message = CodeSourceGone, "The video is no longer in the storage; submit it again."
	case problem.Code == "blob.full":
		f.Code, f.Message, f.Retry = CodeStorageFull, problem.Message, true
	default:
		f.Code, f.Message, f.Retry = CodeStorage, "The storage did not answer while the video was processed; submit the video again later.", true
	}
	return f
}
