// Package fault is the error vocabulary of the whole program: a closed list of kinds, a stable code for machines, one
// sentence for the user and, kept apart from both, the cause for the operator's log.
//
// It knows nothing of HTTP; platform/httpserver alone turns kinds into status codes.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure happened, in terms a caller can act on.
type Kind string

// The kinds, from the caller's fault to ours.
const (
	Invalid         Kind = "invalid"         // the request is wrong as a whole (400)
	Unprocessable   Kind = "unprocessable"   // fields of the request are wrong (422)
	Unauthenticated Kind = "unauthenticated" // no valid credential (401)
	Forbidden       Kind = "forbidden"       // a valid credential that does not reach this far (403)
	NotFound        Kind = "not_found"       // absent, or not the caller's to know about (404)
	Conflict        Kind = "conflict"        // the state does not allow it now (409)
	Gone            Kind = "gone"            // it existed and was removed for good (410)
	TooLarge        Kind = "too_large"       // over a size limit (413)
	Unsupported     Kind = "unsupported"     // a media type or format that is not handled (415)
	RateLimited     Kind = "rate_limited"    // too often (429)
	Unavailable     Kind = "unavailable"     // try again later (503)
	Internal        Kind = "internal"        // our fault; the user sees no details (500)
)

// Field is one wrong field of a request. Path is dotted ("processing.default_fps").
type Field struct {
	Path    string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is a failure that may be shown. Message is for the user, the wrapped cause only for the log.
type Error struct {
	Kind       Kind
	Code       string // stable, "videos.not_found"
	Message    string // one sentence: what happened and what to do next
	Fields     []Field
	RetryAfter time.Duration // advice for RateLimited and Unavailable; zero says nothing
	cause      error
}

// New returns a fault without a cause. Packages declare theirs once, as variables, and compare them with errors.Is.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Fieldf returns an Unprocessable fault about one field.
func Fieldf(path, code, format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	return &Error{
		Kind: Unprocessable, Code: "request.invalid_field", Message: message,
		Fields: []Field{{Path: path, Code: code, Message: message}},
	}
}

// Error is for logs: code, sentence and cause.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Code + ": " + e.Message
	}
	return e.Code + ": " + e.Message + ": " + e.cause.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes every copy of a fault equal to the variable it came from: the code decides.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because returns a copy that carries the cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Sayf returns a copy with another sentence for the user; kind and code stay.
func (e *Error) Sayf(format string, args ...any) *Error {
	c := *e
	c.Message = fmt.Sprintf(format, args...)
	return &c
}

// After returns a copy that advises when to try again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// From finds the fault in err; an error that is none becomes Internal, with err as its cause. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return New(Internal, "internal", "Something went wrong on our side; try again, and report the request id if it persists.").Because(err)
}

// KindOf is From(err).Kind; nil has the empty kind.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	return From(err).Kind
}
