//go:build acceptance

package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// clip makes a file with ffmpeg and gives its path.
func clip(t *testing.T, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	args = append(append([]string{"-v", "error", "-y"}, args...), path)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %v: %v\n%s", args, err, out)
	}
	return path
}

// shortClip has B-frames, so that decoding and display order differ.
func shortClip(t *testing.T) string {
	t.Helper()
	return clip(t, "short clip ação.mp4", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4",
		"-c:v", "libx264", "-preset", "medium", "-g", "40", "-pix_fmt", "yuv420p")
}

// longClip keeps a worker busy for many seconds when every frame is asked for.
func longClip(t *testing.T) string {
	t.Helper()
	return clip(t, "long.mp4", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=40",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
}

// lateClip has one keyframe, its first: whoever wants a picture of its end decodes for seconds.
func lateClip(t *testing.T) string {
	t.Helper()
	return clip(t, "late.mp4", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=40",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "9999", "-pix_fmt", "yuv420p")
}

func soundOnly(t *testing.T) string {
	t.Helper()
	return clip(t, "sound.mp4", "-f", "lavfi", "-i", "sine=frequency=440:duration=2", "-c:a", "aac")
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// oracle gives the pixels that ffmpeg extracts at the same rate, as one run of RGB bytes.
func oracle(t *testing.T, path, fps string) []byte {
	t.Helper()
	args := []string{"-v", "error", "-i", path, "-vf", "fps=" + fps + ":round=up", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"}
	out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).Output()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v", args, err)
	}
	return out
}
