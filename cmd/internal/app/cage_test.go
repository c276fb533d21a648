package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/modules/processing"
)

func whole() processing.Cage {
	return processing.Cage{
		NoNewPrivs: "on", Landlock: "on", LandlockABI: 5, Seccomp: "on",
		Escapes: map[string]string{"read a file": "denied", "open TCP": "denied"},
	}
}

func TestDoctorJudgesTheCage(t *testing.T) {
	t.Parallel()
	detail, err := judgeCage(whole())
	if err != nil || detail != "no_new_privs on, Landlock on (ABI 5), seccomp on; 2 ways out tried, all closed" {
		t.Errorf("a whole cage: %q, %v", detail, err)
	}
	c := whole()
	c.Landlock, c.LandlockABI = "function not implemented", 0
	if detail, err := judgeCage(c); err != nil || !strings.Contains(detail, "Landlock function not implemented,") {
		t.Errorf("a layer less, and no way out: %q, %v", detail, err)
	}
	c.Escapes["read a file"] = "allowed"
	if _, err := judgeCage(c); err == nil || !strings.Contains(err.Error(), "a decoder could read a file;") {
		t.Errorf("a way out: %v", err)
	}
}

func TestWorkersTellOfTheCage(t *testing.T) {
	t.Parallel()
	broken := whole()
	broken.Landlock = "function not implemented"
	broken.Escapes["read a file"] = "allowed"
	for name, tt := range map[string]struct {
		cage processing.Cage
		err  error
		want []string
	}{
		"whole":     {whole(), nil, []string{"level=INFO", "holds", "landlock_abi=5"}},
		"broken":    {broken, nil, []string{"level=WARN", "missing=[landlock]", `possible="[read a file]"`}},
		"not tried": {processing.Cage{}, errors.New("no engine"), []string{"level=WARN", `err="no engine"`}},
	} {
		var out bytes.Buffer
		announceCage(t.Context(), slog.New(slog.NewTextHandler(&out, nil)), func(context.Context) (processing.Cage, error) {
			return tt.cage, tt.err
		})
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) || strings.Count(out.String(), "\n") != 1 {
				t.Errorf("%s: %q lacks %s", name, out.String(), want)
			}
		}
	}
}
