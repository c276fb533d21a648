//go:build acceptance

package acceptance

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
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
				if n := decoders(t); n != 1 {
					t.Fatalf("%d decoders run", n)
				}
				killDecoders(t)
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
