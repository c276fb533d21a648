//go:build acceptance

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Where TestMain put the program and its coverage; read-only afterwards.
var (
	program string
	covered string
)

func TestMain(m *testing.M) {
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance:", err)
		code = 1
	}
	os.Exit(code) //nolint:forbidigo // the main of a test binary
}

func buildAndRun(m *testing.M) (int, error) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		return 0, fmt.Errorf("the ffmpeg program makes the clips of this suite: install it, or run ./tools/test, which does: %w", err)
	}
	dir, err := os.MkdirTemp("", "fiapx-acceptance-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "fiapx")
	build := exec.Command("go", "build", "-cover", "-o", program, ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the program: %w\n%s", err, out)
	}
	covered = os.Getenv("GOCOVERDIR")
	if covered == "" {
		covered = filepath.Join(dir, "coverage")
	}
	if err := os.MkdirAll(covered, 0o755); err != nil {
		return 0, err
	}
	return m.Run(), nil
}
