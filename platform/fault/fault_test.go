package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/platform/fault"
)

var errGone = fault.New(fault.Gone, "box.gone", "The box is gone; take another.")

func TestCopiesLeaveTheOriginalAlone(t *testing.T) {
	t.Parallel()
	f := errGone.Because(io.EOF).Sayf("Box %d is gone.", 7).After(time.Second)
	if f.Message != "Box 7 is gone." || f.RetryAfter != time.Second || f.Kind != fault.Gone || f.Code != "box.gone" {
		t.Errorf("copy is %+v", f)
	}
	if errGone.Message != "The box is gone; take another." || errGone.RetryAfter != 0 || errGone.Unwrap() != nil {
		t.Errorf("the original changed: %+v", errGone)
	}
}

func TestIdentityIsTheCode(t *testing.T) {
	t.Parallel()
	wrapped := fmt.Errorf("open: %w", errGone.Because(io.EOF).Sayf("other words"))
	if !errors.Is(wrapped, errGone) || !errors.Is(wrapped, io.EOF) {
		t.Errorf("%v is not its origin and its cause", wrapped)
	}
	if errors.Is(wrapped, fault.New(fault.Gone, "box.other", "")) || errors.Is(errGone, io.EOF) {
		t.Error("equal to a fault of another code")
	}
}

func TestFrom(t *testing.T) {
	t.Parallel()
	if fault.From(nil) != nil || fault.KindOf(nil) != "" {
		t.Error("nil is a fault")
	}
	joined := errors.Join(io.EOF, fmt.Errorf("a: %w", errGone))
	if f := fault.From(joined); !errors.Is(f, errGone) || fault.KindOf(joined) != fault.Gone {
		t.Errorf("found %v", f)
	}
	inside := errors.New("password=hunter2")
	f := fault.From(inside)
	if f.Kind != fault.Internal || !errors.Is(f, inside) || fault.KindOf(inside) != fault.Internal {
		t.Errorf("unknown error is %+v", f)
	}
	if f.Message == inside.Error() || f.Message == "" {
		t.Errorf("the user is told %q", f.Message)
	}
}

func TestErrorIsForLogs(t *testing.T) {
	t.Parallel()
	if got, want := errGone.Error(), "box.gone: The box is gone; take another."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := errGone.Because(io.EOF).Error(), "box.gone: The box is gone; take another.: EOF"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFieldf(t *testing.T) {
	t.Parallel()
	f := fault.Fieldf("processing.fps", "minimum", "must be at least %v", 0.1)
	want := []fault.Field{{Path: "processing.fps", Code: "minimum", Message: "must be at least 0.1"}}
	if diff := cmp.Diff(want, f.Fields); diff != "" || f.Kind != fault.Unprocessable || f.Message != want[0].Message {
		t.Errorf("%+v: %s", f, diff)
	}
}
