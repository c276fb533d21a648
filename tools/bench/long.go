package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// minute is a clip of 60 s at a low bit rate, lest two hours of it fill a disk.
var minute = clip{
	name: "minute.mp4", title: "60 s",
	args: []string{"-c:v", "libx264", "-preset", "veryfast", "-b:v", "1M", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0"},
	fps:  []string{"0.1", "1"},
}

const minutes = 120

// long shows that memory does not grow with the film: the same minute once, and over and over for two hours.
func long(o options, emit func(string, ...any)) error {
	short, err := minute.build(o.cache)
	if err != nil {
		return err
	}
	film, err := repeated(o.cache, short)
	if err != nil {
		return err
	}
	emit("| film | images a second | format | images | wall, user CPU | peak memory | size of the images |\n|---|---|---|---|---|---|---|\n")
	for _, format := range o.formats {
		for _, fps := range minute.fps {
			for _, f := range []struct{ title, path string }{{minute.title, short}, {"2 hours", film}} {
				c, err := alone(o, f.path, fps, format)
				if err != nil {
					return fmt.Errorf("%s at %s: %w", f.title, fps, err)
				}
				emit("| %s | %s | %s | %d | %.1f s, %.1f s | %d MiB | %d MiB |\n", f.title, fps, format, c.images,
					c.wall.Seconds(), c.user.Seconds(), c.peak>>20, c.size>>20)
			}
		}
	}
	return nil
}

// alone measures fiapx without a peer, with the archive gone before the next one: at a high rate it is large.
func alone(o options, path, fps, format string) (cost, error) {
	dir, err := os.MkdirTemp("", "fiapx-bench-")
	if err != nil {
		return cost{}, err
	}
	defer os.RemoveAll(dir)
	return fastest(o.repeat, func() (cost, error) { return fiapx(o.fiapx, dir, path, fps, format) })
}

// repeated copies the packets of a clip over and over, which takes no encoder.
func repeated(dir, short string) (string, error) {
	path := filepath.Join(dir, "hours.mp4")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, make(path, "-stream_loop", fmt.Sprint(minutes-1), "-i", short, "-c", "copy")
}
