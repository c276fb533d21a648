package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// clip is 60 s of 1080p30, or 10 s of it where every frame is taken.
type clip struct {
	name, title string
	args        []string // how to encode the master
	fps         []string // fixed rates; else those asked for
}

var clips = []clip{
	{name: "h264_default.mp4", title: "H.264, x264 defaults, GOP 250", args: []string{"-c:v", "libx264"}},
	{name: "h264_gop60.mp4", title: "H.264, GOP 60", args: []string{"-c:v", "libx264", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0"}},
	{name: "h264_phone.mp4", title: "H.264, no B-frames, GOP 30, 12 Mb/s", args: []string{"-c:v", "libx264", "-bf", "0", "-b:v", "12M", "-g", "30"}},
	{name: "h264_phone2997.mp4", title: "the same at 29.97 a second", args: []string{"-c:v", "libx264", "-bf", "0", "-b:v", "12M", "-g", "30", "-r", "30000/1001"}},
	{name: "hevc.mp4", title: "HEVC, x265 fast", args: []string{"-c:v", "libx265", "-preset", "fast", "-x265-params", "log-level=none"}},
	{name: "vp9.webm", title: "VP9", args: []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "6", "-row-mt", "1", "-b:v", "5M"}},
	{name: "h264_every.mp4", title: "H.264, every frame of 10 s", args: []string{"-t", "10", "-c:v", "libx264"}, fps: []string{"30"}},
}

func (c clip) rates(asked []string) []string {
	if c.fps != nil {
		return c.fps
	}
	return asked
}

// build makes the clip unless it is there.
func (c clip) build(dir string) (string, error) {
	path := filepath.Join(dir, c.name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	master, err := buildMaster(dir)
	if err != nil {
		return "", err
	}
	return path, make(path, append([]string{"-i", master}, c.args...)...)
}

// buildMaster films a detailed still with a panning camera that has some sensor noise, while a small busy picture
// crosses the scene: motion to predict, edges to keep, and grain that no codec predicts.
func buildMaster(dir string) (string, error) {
	path := filepath.Join(dir, "master.mkv")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	still := filepath.Join(dir, "still.png")
	if err := make(still, "-f", "lavfi", "-i", "mandelbrot=s=3200x1800:maxiter=400:start_scale=0.3:end_scale=0.3", "-frames:v", "1"); err != nil {
		return "", err
	}
	return path, make(path, "-loop", "1", "-framerate", "30", "-i", still, "-f", "lavfi", "-i", "testsrc2=s=480x270:r=30",
		"-filter_complex", "[0]crop=1920:1080:x='640+600*sin(t/3)':y='360+300*sin(t/2)'[a];[a][1]overlay=x='mod(90*t,1440)':y=700,noise=alls=3:allf=t,format=yuv420p",
		"-t", "60", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "10")
}

func make(path string, args ...string) error {
	fmt.Fprintln(os.Stderr, "making", path)
	partial := filepath.Join(filepath.Dir(path), "partial-"+filepath.Base(path))
	cmd := exec.Command("ffmpeg", append(append([]string{"-nostdin", "-v", "error", "-y"}, args...), partial)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("ffmpeg: %w", err)
	}
	return os.Rename(partial, path)
}
