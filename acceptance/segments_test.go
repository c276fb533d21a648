//go:build acceptance

package acceptance

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// helper starts a worker of one slot and one core per job, which divides jobs from so much work on.
func helper(t *testing.T, w *world, name, after string) *process {
	t.Helper()
	address := freeAddress(t)
	env := append([]string{
		"FIAPX_STORAGE_SHARED=true", "FIAPX_PUBLIC_URL=http://" + w.d.api, "FIAPX_WORKER_ID=" + name, "FIAPX_SPLIT_AFTER=" + after, "FIAPX_THREADS=1",
	}, w.d.env...)
	p := launch(t, env, "work", "--concurrency", "1", "--data", w.d.data, "--listen", address)
	waitReady(t, p, address)
	return p
}

// tried lists the attempts at a job: how each ended, by worker, and whether it was at a segment.
func tried(t *testing.T, w *world, u user, id string) (leader string, segments map[string][]string) {
	t.Helper()
	segments = map[string][]string{}
	for _, a := range w.get(t, u.token, job(id, "/attempts")).list(t, "attempts") {
		if fields, ok := a.value.(map[string]any); ok && fields["segment"] == nil {
			leader = a.text(t, "worker_id")
			continue
		}
		worker := a.text(t, "worker_id")
		segments[worker] = append(segments[worker], a.text(t, "outcome"))
	}
	return leader, segments
}

// TestLongFilmsInParallel has two workers share a film: whoever dies in between, the archive is that of one worker alone, byte by
// byte, and its images are those of the command.
func TestLongFilmsInParallel(t *testing.T) {
	film := clip(t, "long.mp4", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=90",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-pix_fmt", "yuv420p")
	fields := map[string]string{"extraction_fps": "12", "output_format": "jpg", "quality": "90", "contact_sheet": "true", "storyboard": "true"}
	w := newWorld(deploy(t, startSplit))
	u := w.signIn(t)
	w.d.processes[2].stop(t)
	alone := helper(t, w, "alone", "0")
	whole := done(t, w, u, w.submit(t, u, film, fields))
	alone.stop(t)
	sameAsCommand(t, film, whole)

	workers := map[string]*process{"one": helper(t, w, "one", "1s"), "two": helper(t, w, "two", "1s")}
	for _, who := range []string{"nobody", "who holds the job"} {
		t.Run("killed is "+who, func(t *testing.T) {
			id := w.submit(t, u, film, fields)
			if who != "nobody" {
				killed := victim(t, w, u, id)
				workers[killed].end(syscall.SIGKILL)
				defer func() { workers[killed] = helper(t, w, killed, "1s") }()
			}
			if got := done(t, w, u, id); !bytes.Equal(got, whole) {
				t.Errorf("%d bytes, not the %d of one worker alone", len(got), len(whole))
			}
			_, segments := tried(t, w, u, id)
			t.Logf("segments: %v", segments)
			if len(segments) != 2 {
				t.Errorf("the film was worked on by %v", slices.Collect(maps.Keys(segments)))
			}
			noParts(t, w)
		})
	}
}

// done waits for the job and gives its archive.
func done(t *testing.T, w *world, u user, id string) []byte {
	t.Helper()
	w.reach(t, u, id, "completed", 5*time.Minute)
	return archive(t, w, u, id)
}

// victim waits until both workers are busy with the job and names the one that is to die.
func victim(t *testing.T, w *world, u user, id string) (name string) {
	t.Helper()
	ok := eventually(t, time.Minute, func() bool {
		leader, segments := tried(t, w, u, id)
		for worker, outcomes := range segments {
			if worker == leader && slices.Contains(outcomes, "running") && len(segments) == 2 {
				name = worker
			}
		}
		return name != ""
	})
	if !ok {
		t.Fatal("the workers do not share the job")
	}
	return name
}

// noParts waits until the janitor has been there.
func noParts(t *testing.T, w *world) {
	t.Helper()
	var left []string
	ok := eventually(t, 30*time.Second, func() bool {
		left = nil
		for name := range files(t, w.d) {
			if strings.Contains(name, "part-") {
				left = append(left, name)
			}
		}
		return len(left) == 0
	})
	if !ok {
		t.Errorf("left behind: %v", left)
	}
}

// sameAsCommand compares the images with those that fiapx extract makes.
func sameAsCommand(t *testing.T, film string, whole []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "frames.zip")
	cmd := exec.CommandContext(t.Context(), program, "extract", film, "--fps", "12", "--format", "jpg", "--quality", "90", "--contact-sheet", "--storyboard", "--quiet", "--output", path)
	cmd.Env = append(os.Environ(), "GOCOVERDIR="+covered)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	command, job := images(t, read(t, path)), images(t, whole)
	if len(job) != 1080 || !maps.EqualFunc(command, job, bytes.Equal) {
		t.Errorf("%d images, not the %d of the command", len(job), len(command))
	}
}

// images are the frames of an archive; the lists beside them tell also how they were asked for.
func images(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, entry := range in.File {
		if !strings.HasPrefix(entry.Name, "frame_") {
			continue
		}
		r, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[entry.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
	}
	return out
}
