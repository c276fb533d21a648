package observe_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/platform/observe"
)

func TestLinesCarryTheContext(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := observe.NewLogger(&out, "auto", "info")
	if err != nil {
		t.Fatal(err)
	}
	ctx := observe.WithAttrs(observe.WithAttrs(t.Context(), slog.String("request_id", "r1")), slog.String("user_id", "u1"))
	log.With("module", "m").InfoContext(ctx, "job stored", "job_id", "j1")
	log.DebugContext(ctx, "not shown")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("not one line of JSON: %v in %q", err, out.String())
	}
	for key, want := range map[string]string{"msg": "job stored", "request_id": "r1", "user_id": "u1", "job_id": "j1", "module": "m"} {
		if line[key] != want {
			t.Errorf("%s is %v, want %s", key, line[key], want)
		}
	}
}

func TestSiblingContextsDoNotShareAttributes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := observe.NewLogger(&out, "text", "debug")
	if err != nil {
		t.Fatal(err)
	}
	base := observe.WithAttrs(t.Context(), slog.String("a", "1"))
	_ = observe.WithAttrs(base, slog.String("b", "2"))
	log.InfoContext(observe.WithAttrs(base, slog.String("c", "3")), "x")
	if s := out.String(); !strings.Contains(s, "a=1") || !strings.Contains(s, "c=3") || strings.Contains(s, "b=2") {
		t.Errorf("line: %s", s)
	}
}

func TestUnknownFormatAndLevelAreNamed(t *testing.T) {
	t.Parallel()
	if _, err := observe.NewLogger(nil, "xml", "info"); err == nil || !strings.Contains(err.Error(), "auto, text, json") {
		t.Errorf("format: %v", err)
	}
	if _, err := observe.NewLogger(nil, "json", "loud"); err == nil || !strings.Contains(err.Error(), "debug, info, warn, error") {
		t.Errorf("level: %v", err)
	}
}
