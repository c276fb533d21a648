package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/fiapx/fiapx/platform/fault"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	bad := fault.New(fault.Invalid, "NOT_A_VIDEO", "It is no video.")
	tests := map[string]struct {
		err  error
		code int
		name string
	}{
		"nothing":      {nil, 0, ""},
		"usage":        {fmt.Errorf("x: %w", usagef("wrong")), 2, "usage"},
		"bad video":    {judged(fmt.Errorf("x: %w", bad)), 3, "NOT_A_VIDEO"},
		"crash":        {judged(fault.New(fault.Unavailable, "CRASHED", "It crashed.")), 3, "CRASHED"},
		"no engine":    {judged(fault.New(fault.Unavailable, "NO_ENGINE", "There is none.")), 1, "NO_ENGINE"},
		"interrupt":    {judged(fmt.Errorf("x: %w", errInterrupted)), 130, "interrupted"},
		"cancellation": {context.Canceled, 130, "interrupted"},
		"anything":     {errors.New("boom"), 1, "failure"},
	}
	for name, tt := range tests {
		if got := exitCode(tt.err); got != tt.code {
			t.Errorf("%s: exit code %d, want %d", name, got, tt.code)
		}
		if tt.err != nil && errorCode(tt.err) != tt.name {
			t.Errorf("%s: code %q, want %q", name, errorCode(tt.err), tt.name)
		}
	}
}

func TestReportHidesTheCause(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	report(&out, fmt.Errorf("send: %w", fault.New(fault.NotFound, "x", "It is gone.").Because(errors.New("secret detail"))))
	if got := out.String(); got != "fiapx: It is gone.\n" {
		t.Errorf("reported %q", got)
	}
}

func TestReportNamesEveryField(t *testing.T) {
	t.Parallel()
	f := fault.Fieldf("a", "missing", "Two are wrong.")
	f.Fields = append(f.Fields, fault.Field{Path: "b", Message: "Too long."})
	var out bytes.Buffer
	report(&out, f)
	if got := out.String(); got != "fiapx: Two are wrong.\n  a: Two are wrong.\n  b: Too long.\n" {
		t.Errorf("reported %q", got)
	}
}

func TestParseInstant(t *testing.T) {
	t.Parallel()
	good := map[string]float64{"0": 0, "90": 90, "1.5": 1.5, "1:30": 90, "00:01:30.5": 90.5, "90:00": 5400, "10:00:00": 36000}
	for text, want := range good {
		if got, err := parseInstant(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "-1", "1:75", "1:2:3:4", "1.5:00", "1e3", "Inf", "NaN", "0x10", ":", "1:"} {
		if got, err := parseInstant(text); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1_500_000: "1.5 MB", 2e9: "2.0 GB", 3e15: "3000.0 TB"} {
		if got := size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"localhost:8080": "http://localhost:8080", ":8000": "http://localhost:8000",
		"0.0.0.0:80": "http://localhost:80", "[::1]:81": "http://[::1]:81",
	} {
		if got := browse(listen); got != want {
			t.Errorf("%s is %s, want %s", listen, got, want)
		}
	}
}
