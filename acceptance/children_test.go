//go:build acceptance

package acceptance

import (
	"os"
	"path/filepath"
	"strings"
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
