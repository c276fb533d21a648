//go:build acceptance

package acceptance

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Whoever asks for one thread gets one core's worth of work: decoding and encoding take turns. The rest of the allowance
// is the program that writes the archive beside them.
func TestThreadsBoundTheCores(t *testing.T) {
	film := clip(t, "busy.mp4", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=6",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-pix_fmt", "yuv420p")
	cmd := exec.CommandContext(t.Context(), program, "extract", film, "--fps", "10", "--threads", "1", "--quiet",
		"--output", filepath.Join(t.TempDir(), "frames.zip"))
	cmd.Env = append(cmd.Environ(), "GOCOVERDIR="+covered)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wall, busy := time.Since(began), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	if busy > wall*13/10 {
		t.Errorf("%v of computing in %v is more than one core", busy, wall)
	}
}
