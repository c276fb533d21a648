package cmd

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/modules/processing"
)

const extractLong = `Extract frames of videos on your own disk. No server is involved.

Image k shows the picture that a player shows at START + (k-1)/FPS seconds. The images go to OUT:
  -o OUT.zip   one ZIP archive, with a manifest.json that lists every image
  -o DIR/      loose files in a folder
  -o -         the ZIP archive on standard output
  (nothing)    NAME_frames.zip in the current folder
With several videos OUT must be a folder: each video gets its own folder in it.

What is not complete does not appear: output is written under another name and renamed when it is done.

` + exitHelp

const extractExample = `  fiapx extract holiday.mp4
  fiapx extract holiday.mp4 -o frames.zip --fps 2 --start 1:30 --end 2:00
  fiapx extract *.mp4 -o frames/ --format jpeg --quality 90 --width 1280
  fiapx extract holiday.mp4 -o - --fps 0.1 | bsdtar -tf -
  fiapx extract holiday.mp4 -o frames.zip --json`

// extractFlags are the flags as given.
type extractFlags struct {
	out        string
	fps        float64
	format     string
	quality    int
	start, end string
	maxFrames  int
	width      int
	height     int
	threads    int
	noManifest bool
	sheet      bool
	storyboard bool
	name       string
	force      bool
	quiet      bool
}

func newExtract(c *console) *cobra.Command {
	var f extractFlags
	cmd := &cobra.Command{
		Use: "extract VIDEO...", Short: "Extract frames of local files, without a server",
		Long: extractLong, Example: extractExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("VIDEO is missing: name the file to take frames from")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, videos []string) error { return c.extract(cmd.Context(), f, videos) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "output", "o", "", "where the images go: OUT.zip, DIR/ or - (default NAME_frames.zip)")
	flags.Float64Var(&f.fps, "fps", 1, "images per second of film")
	flags.StringVar(&f.format, "format", "png", "png, jpeg or jpg")
	flags.IntVar(&f.quality, "quality", 95, "of JPEG images, 1 to 100")
	flags.StringVar(&f.start, "start", "", "begin here: 90, 1:30 or 00:01:30.5")
	flags.StringVar(&f.end, "end", "", "end before this instant")
	flags.IntVar(&f.maxFrames, "max-frames", 0, "at most this many images, the first ones (default no limit)")
	flags.IntVar(&f.width, "width", 0, "scale to this width (default as in the video)")
	flags.IntVar(&f.height, "height", 0, "scale to this height (default as in the video)")
	flags.IntVar(&f.threads, "threads", 0, "cores to use (default all)")
	flags.BoolVar(&f.noManifest, "no-manifest", false, "leave manifest.json out")
	flags.BoolVarP(&f.force, "force", "f", false, "replace what exists")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress bar and no summary")
	c.jsonFlag(cmd, "print events as JSON lines: progress, frame, done, error")
	return cmd
}

// products is what goes beside the images of a video of that name.
func (f extractFlags) products(video string) processing.Products {
	return processing.Products{
		Source: video, Manifest: !f.noManifest, ContactSheet: f.sheet, Storyboard: f.storyboard, NameTemplate: f.name,
	}
}

const (
	maxFPS  = 1000
	maxSide = 16384
)

// params checks the flags and puts them into the engine's words.
func (f extractFlags) params() (processing.Params, error) {
	start, end, err := f.span()
	if err != nil {
		return processing.Params{}, err
	}
	switch {
	case math.IsNaN(f.fps) || f.fps <= 0 || f.fps > maxFPS:
		err = usagef("--fps must be above 0 and at most %d", maxFPS)
	case !slices.Contains([]string{"png", "jpeg", "jpg"}, f.format):
		err = usagef("--format must be png, jpeg or jpg, not %s", quote(f.format))
	case f.quality < 1 || f.quality > 100:
		err = usagef("--quality must be 1 to 100")
	case f.maxFrames < 0 || f.threads < 0:
		err = usagef("--max-frames and --threads must not be negative")
	case f.width < 0 || f.width > maxSide || f.height < 0 || f.height > maxSide:
		err = usagef("--width and --height must be 1 to %d", maxSide)
	}
	return processing.Params{
		FPS: f.fps, Extension: f.format, Quality: f.quality, Start: start, End: end,
		MaxFrames: f.maxFrames, Width: f.width, Height: f.height, Threads: f.threads,
	}, err
}

func (f extractFlags) span() (start float64, end *float64, err error) {
	if f.start != "" {
		if start, err = parseInstant(f.start); err != nil {
			return 0, nil, usagef("--start: %s", err)
		}
	}
	if f.end == "" {
		return start, nil, nil
	}
	stop, err := parseInstant(f.end)
	if err != nil {
		return 0, nil, usagef("--end: %s", err)
	}
	if stop <= start {
		return 0, nil, usagef("--end must be later than --start")
	}
	return start, &stop, nil
}

// parseInstant reads seconds, minutes:seconds or hours:minutes:seconds; only the seconds may have a fraction.
func parseInstant(text string) (float64, error) {
	wrong := usagef("%s is no instant; write it as 90, 1:30 or 00:01:30.5", quote(text))
	parts := strings.Split(text, ":")
	if len(parts) > 3 {
		return 0, wrong
	}
	total := 0.0
	for i, part := range parts {
		last := i == len(parts)-1
		if strings.Trim(part, "0123456789.") != "" || !last && strings.Contains(part, ".") {
			return 0, wrong
		}
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsInf(n, 0) || i > 0 && n >= 60 {
			return 0, wrong
		}
		total = total*60 + n
	}
	return total, nil
}
