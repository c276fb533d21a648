package main

import (
	"archive/zip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// cost of one way to do the work.
type cost struct {
	wall, user time.Duration
	peak       int64 // bytes, of the largest process
	size       int64 // bytes of the archive
	images     int
}

func compare(o options, path, fps, format string) (string, error) {
	dir, err := os.MkdirTemp("", "fiapx-bench-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	theirs, err := fastest(o.repeat, func() (cost, error) { return ffmpeg(dir, path, fps, format) })
	if err != nil {
		return "", err
	}
	ours, err := fastest(o.repeat, func() (cost, error) { return fiapx(o.fiapx, dir, path, fps, format) })
	if err != nil {
		return "", err
	}
	if ours.images != theirs.images {
		return "", fmt.Errorf("fiapx gave %d images, ffmpeg %d", ours.images, theirs.images)
	}
	return fmt.Sprintf("%d | %.2f s, %.2f s | %.2f s, %.2f s | **%.1fx** | %.1fx | %.2f | %d MiB |", ours.images,
		theirs.wall.Seconds(), theirs.user.Seconds(), ours.wall.Seconds(), ours.user.Seconds(),
		theirs.wall.Seconds()/ours.wall.Seconds(), theirs.user.Seconds()/ours.user.Seconds(),
		float64(ours.size)/float64(theirs.size), ours.peak>>20), nil
}

func fastest(n int, measure func() (cost, error)) (best cost, err error) {
	for i := range n {
		c, err := measure()
		if err != nil {
			return cost{}, err
		}
		if i == 0 || c.wall < best.wall {
			best = c
		}
	}
	return best, nil
}

// ffmpeg does what everybody does: the fps filter into a folder, then a ZIP of the folder without compression.
func ffmpeg(dir, path, fps, format string) (cost, error) {
	frames := filepath.Join(dir, "frames")
	if err := os.Mkdir(frames, 0o755); err != nil {
		return cost{}, err
	}
	defer os.RemoveAll(frames)
	args := []string{"-nostdin", "-v", "error", "-i", path, "-map", "0:v:0", "-vf", "fps=" + fps + ":round=up"}
	if format == "jpeg" {
		args = append(args, "-q:v", "3") // what quality 95 means to fiapx
	}
	extension := map[string]string{"png": "png", "jpeg": "jpg"}[format]
	first, err := timed(exec.Command("ffmpeg", append(args, filepath.Join(frames, "frame_%06d."+extension))...))
	if err != nil {
		return cost{}, err
	}
	out := filepath.Join(dir, "theirs.zip")
	_ = os.Remove(out)
	second, err := timed(exec.Command("zip", "-0", "-q", "-j", "-r", out, frames))
	if err != nil {
		return cost{}, err
	}
	return sized(cost{wall: first.wall + second.wall, user: first.user + second.user, peak: max(first.peak, second.peak)}, out)
}

func fiapx(program, dir, path, fps, format string) (cost, error) {
	out := filepath.Join(dir, "ours.zip")
	c, err := timed(exec.Command(program, "extract", path, "-o", out, "--fps", fps, "--format", format, "--quality", "95", "--force"))
	if err != nil {
		return cost{}, err
	}
	return sized(c, out)
}

func timed(cmd *exec.Cmd) (cost, error) {
	began := time.Now()
	text, err := cmd.CombinedOutput()
	wall := time.Since(began)
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w: %s", cmd.Path, err, text)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return cost{wall: wall, user: cmd.ProcessState.UserTime(), peak: usage.Maxrss << 10}, nil
}

func sized(c cost, archive string) (cost, error) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return cost{}, err
	}
	defer z.Close()
	for _, f := range z.File {
		if strings.HasPrefix(filepath.Base(f.Name), "frame_") {
			c.images++
			c.size += int64(f.UncompressedSize64)
		}
	}
	return c, nil
}

func preamble() string {
	version, _ := exec.Command("ffmpeg", "-version").Output()
	first, _, _ := strings.Cut(string(version), "\n")
	cpu, _ := exec.Command("sh", "-c", "grep -m1 'model name' /proc/cpuinfo | cut -d: -f2").Output()
	return fmt.Sprintf(`# The engine against ffmpeg

Written by `+"`./tools/bench-engine`"+` on %s: %d cores of%s, %s. The peer does what is usually done,
`+"`ffmpeg -vf fps=N:round=up`"+` into a folder and `+"`zip -0`"+` of it; both give the same pictures. Wall is the ratio of wall-clock times, CPU of
user CPU times (above 1: fiapx is faster), size the bytes of our images over theirs, peak memory that of the largest fiapx process.

`, time.Now().UTC().Format("2006-01-02"), runtime.NumCPU(), strings.TrimRight(string(cpu), "\n"), strings.TrimSuffix(strings.Split(first, " Copyright")[0], " "))
}
