// Command bench measures `fiapx extract` against the ffmpeg program and zip doing the same work, in one run on one
// machine. Ratios are what counts; the absolute times only say what the ratios are made of.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type options struct {
	fiapx, cache, out string
	fps, formats      []string
	only, skip        string
	repeat            int
	long              bool
}

func main() {
	var o options
	var fps, formats string
	cache, _ := os.UserCacheDir()
	flag.StringVar(&o.fiapx, "fiapx", "fiapx", "the program to measure")
	flag.StringVar(&o.cache, "cache", filepath.Join(cache, "fiapx", "bench"), "where clips are kept")
	flag.StringVar(&o.out, "out", "", "write the table there too")
	flag.StringVar(&fps, "fps", "0.1,1,5", "rates")
	flag.StringVar(&formats, "formats", "png,jpeg", "image formats")
	flag.StringVar(&o.only, "only", "", "only clips whose name holds this")
	flag.StringVar(&o.skip, "skip", "", "no clips whose name holds this")
	flag.IntVar(&o.repeat, "repeat", 1, "runs of each, the fastest counts")
	flag.BoolVar(&o.long, "long", false, "instead, peak memory of two hours of film beside that of a minute")
	flag.Parse()
	o.fps, o.formats = strings.Split(fps, ","), strings.Split(formats, ",")
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if err := os.MkdirAll(o.cache, 0o755); err != nil {
		return err
	}
	var table strings.Builder
	emit := func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		fmt.Print(line)
		table.WriteString(line)
	}
	measure, head := compareAll, preamble
	if o.long {
		measure, head = long, func() string { return "" }
	}
	if err := measure(o, emit); err != nil {
		return err
	}
	if o.out == "" {
		return nil
	}
	return os.WriteFile(o.out, []byte(head()+table.String()), 0o644)
}

func compareAll(o options, emit func(string, ...any)) error {
	emit("| clip | images a second | format | images | ffmpeg + zip: wall, user CPU | fiapx: wall, user CPU | **wall** | CPU | size | peak memory |\n")
	emit("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range clips {
		if !strings.Contains(c.name, o.only) || o.skip != "" && strings.Contains(c.name, o.skip) {
			continue
		}
		path, err := c.build(o.cache)
		if err != nil {
			return err
		}
		for _, format := range o.formats {
			for _, fps := range c.rates(o.fps) {
				row, err := compare(o, path, fps, format)
				if err != nil {
					return fmt.Errorf("%s at %s: %w", c.name, fps, err)
				}
				emit("| %s | %s | %s | %s\n", c.title, fps, format, row)
			}
		}
	}
	return nil
}
