package domain_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestPatienceEndsBeforeTheLease(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ length, every, want time.Duration }{
		"production":          {60 * time.Second, 15 * time.Second, 50 * time.Second},
		"tests":               {6 * time.Second, 2 * time.Second, 5 * time.Second},
		"renewed very often":  {60 * time.Second, time.Second, 50 * time.Second},
		"renewed very seldom": {60 * time.Second, 20 * time.Second, 50 * time.Second},
	}
	for name, tt := range tests {
		l := domain.Lease{Length: tt.length, Every: tt.every}
		if got := l.Patience(); got != tt.want {
			t.Errorf("%s: patience %v, want %v", name, got, tt.want)
		}
	}
}

func TestExtractingLiesBetweenItsStages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		advance            domain.Advance
		start              float64
		percent, rate, eta float64
	}{
		{domain.Advance{}, 0, 35, 0, 0},
		{domain.Advance{Done: 0.5, Time: 30, Elapsed: 10 * time.Second}, 10, 57.5, 2, 10},
		{domain.Advance{Done: 1.2, Time: 60, Elapsed: 20 * time.Second}, 0, 80, 3, 0},
		{domain.Advance{Done: -1, Time: 1, Elapsed: time.Second}, 5, 35, 0, 0},
	}
	for _, tt := range tests {
		p := domain.Extracting(tt.advance, tt.start)
		if p.Percent != tt.percent || p.Rate != tt.rate || p.ETA != tt.eta {
			t.Errorf("%+v: got %+v", tt.advance, p)
		}
	}
}

func TestFailureOf(t *testing.T) {
	t.Parallel()
	invalid := fault.New(fault.Invalid, "NOT_A_VIDEO", "It is no video.")
	crashed := fault.New(fault.Unavailable, "CRASHED", "It crashed.")
	full := fault.New(fault.Unavailable, "blob.full", "The storage is full.")
	gone := fault.New(fault.NotFound, "blob.not_found", "No such file.")
	tests := map[string]struct {
		err   error
		code  string
		retry bool
	}{
		"bad video":        {fmt.Errorf("probe: %w", invalid), "NOT_A_VIDEO", false},
		"decoder crash":    {crashed.Because(errors.New("signal 11")), "CRASHED", true},
		"storage full":     {&domain.StorageError{Err: full}, "STORAGE_FULL", true},
		"storage out":      {&domain.StorageError{Err: errors.New("EIO")}, "STORAGE", true},
		"video is gone":    {&domain.StorageError{Err: gone}, "SOURCE_GONE", false},
		"unexpected":       {errors.New("boom"), "INTERNAL", true},
		"programmer error": {&domain.PanicError{Value: "index"}, "INTERNAL", true},
	}
	for name, tt := range tests {
		f := domain.FailureOf(tt.err)
		if f.Code != tt.code || f.Retry != tt.retry || f.Message == "" || f.Detail != tt.err.Error() {
			t.Errorf("%s: got %+v", name, f)
		}
	}
}

func TestCutByLimit(t *testing.T) {
	t.Parallel()
	cut := domain.Report{Truncated: true, Frames: 100}
	if cut.CutByLimit(domain.Params{MaxFrames: 100}) {
		t.Error("the user's own limit counts as a cut")
	}
	if !cut.CutByLimit(domain.Params{}) || !cut.CutByLimit(domain.Params{MaxFrames: 200}) {
		t.Error("the operator's limit does not count as a cut")
	}
}
