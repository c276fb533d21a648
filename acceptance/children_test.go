//go:build acceptance

package acceptance

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// noChildren asserts that no decoder outlives its worker: a child of a killed process must end by itself.
func noChildren(t *testing.T, d *deployment) {
	t.Helper()
	var left []string
	ok := eventually(t, 10*time.Second, func() bool {
		left = runningPrograms(t)
		return len(left) == 0
	})
	if !ok {
		t.Errorf("still running after the end of every process of %s: %v", d.data, left)
	}
}

// runningPrograms lists processes of the program under test, from /proc.
func runningPrograms(t *testing.T) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, link := range links {
		target, err := os.Readlink(link)
		if err == nil && strings.HasPrefix(target, program) {
			found = append(found, link)
		}
	}
	return found
}

func killDecoders(t *testing.T) {
	t.Helper()
	eachDecoder(t, func(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) })
}

// decoders counts the decoding processes of the program under test.
func decoders(t *testing.T) (n int) {
	t.Helper()
	eachDecoder(t, func(int) { n++ })
	return n
}

func eachDecoder(t *testing.T, do func(pid int)) {
	t.Helper()
	for _, link := range runningPrograms(t) {
		command, err := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline"))
		if err != nil || !strings.Contains(string(command), "engine-child") {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
			do(pid)
		}
	}
}
