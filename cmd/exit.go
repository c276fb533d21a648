package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/fiapx/fiapx/platform/fault"
)

// Exit codes, as the help of the root command documents them.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitBadVideo    = 3
	exitPartial     = 4
	exitInterrupted = 130
)

const exitHelp = `Exit codes:
  0    done
  1    it failed
  2    the command line is wrong
  3    the video cannot be read, or has no such frames
  4    done, but the result is incomplete: the video is damaged, or a limit cut it
  130  interrupted`

// usageError is a wrong command line.
type usageError struct {
	message string
	command string // whose help explains it
}

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// codeError ends the program with a code of its own. Without a cause everything has been said already.
type codeError struct {
	code  int
	cause error
}

func (e *codeError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.cause.Error()
}

func (e *codeError) Unwrap() error { return e.cause }

// exitCode tells how the program ends after err.
func exitCode(err error) int {
	var coded *codeError
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailure
}

// sentence is what a person reads: a fault's own words without code and cause, since those are for programs and logs.
func sentence(err error) string {
	var f *fault.Error
	switch {
	case errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &f):
		return f.Message
	}
	return err.Error()
}

// errorCode is what a program reads.
func errorCode(err error) string {
	var f *fault.Error
	var usage *usageError
	switch {
	case errors.As(err, &usage):
		return "usage"
	case exitCode(err) == exitInterrupted:
		return "interrupted"
	case errors.As(err, &f):
		return f.Code
	}
	return "failure"
}

// report says on w what went wrong, unless that has been done.
func report(w io.Writer, err error) {
	var coded *codeError
	if errors.As(err, &coded) && coded.cause == nil {
		return
	}
	fmt.Fprintf(w, "fiapx: %s\n", sentence(err))
	var f *fault.Error
	if errors.As(err, &f) && len(f.Fields) > 1 {
		for _, field := range f.Fields {
			fmt.Fprintf(w, "  %s: %s\n", field.Path, field.Message)
		}
	}
	var usage *usageError
	if errors.As(err, &usage) && usage.command != "" {
		fmt.Fprintf(w, "Run '%s --help' for usage.\n", usage.command)
	}
}

// reportJSON says the same to a program.
func reportJSON(w io.Writer, err error) {
	var coded *codeError
	if errors.As(err, &coded) && coded.cause == nil {
		return
	}
	body := map[string]any{"code": errorCode(err), "message": sentence(err)}
	var f *fault.Error
	if errors.As(err, &f) && len(f.Fields) > 0 {
		body["errors"] = f.Fields
	}
	writeJSON(w, map[string]any{"error": body})
}

// writeJSON writes v as one line; what a pipe's other end no longer wants to read is no error.
func writeJSON(w io.Writer, v any) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
