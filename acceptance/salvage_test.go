//go:build acceptance

package acceptance

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The decoder is killed after three images: these are kept, and the program says where they end.
func TestExtractKeepsWhatADeadDecoderGave(t *testing.T) {
	out := filepath.Join(t.TempDir(), "frames.zip")
	cmd := exec.CommandContext(t.Context(), program, "extract", longClip(t), "--every", "1", "--json", "--output", out)
	cmd.Env = append(cmd.Environ(), "GOCOVERDIR="+covered)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	frames, last := 0, ""
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		last = lines.Text()
		if strings.Contains(last, `"event":"frame"`) {
			if frames++; frames == 3 {
				killChildren(t, cmd.Process.Pid)
			}
		}
	}
	err = cmd.Wait()
	if cmd.ProcessState.ExitCode() != 4 || !strings.Contains(last, `"damaged_input_at":`) {
		t.Errorf("ended with %v; the last event is %s; %s", err, last, stderr.String())
	}
	if images := unzip(t, read(t, out)); len(images) < 3 {
		t.Errorf("%d images were kept", len(images))
	}
}

func killChildren(t *testing.T, pid int) {
	t.Helper()
	children := childrenOf(t, pid)
	if len(children) != 1 {
		t.Fatalf("there are %d children", len(children))
	}
	if err := syscall.Kill(children[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// childrenOf lists the children of a process.
func childrenOf(t *testing.T, pid int) (children []int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		list, _ := os.ReadFile(task) // a thread may have ended
		for child := range strings.FieldsSeq(string(list)) {
			if n, err := strconv.Atoi(child); err == nil {
				children = append(children, n)
			}
		}
	}
	return children
}
