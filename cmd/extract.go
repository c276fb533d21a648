package cmd

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fiapx/fiapx/modules/processing"
)

const extractLong = `Extract frames of videos on your own disk. No server is involved.

Which pictures (one of these):
  --fps N            image k shows the picture that a player shows at START + (k-1)/N seconds (default, with N 1)
  --every N          every Nth frame of the video
  --timestamps LIST  the pictures shown at these instants: 5,1:30,00:02:00.5, or @FILE with one in a line
  --keyframes        the frames that the file stores as a whole; the fastest way to an overview
  --scene SHARE      the first picture of each scene: one that differs by this share from the one before (0.3)

The images go to OUT:
  -o OUT.zip   one ZIP archive, with manifest.json and manifest.csv that list every image
  -o DIR/      loose files in a folder
  -o -         the ZIP archive on standard output
  (nothing)    NAME_frames.zip in the current folder
With several videos OUT must be a folder: each video gets its own folder in it.
Names of images are made by --name from {n} (number; {n:06} with six digits), {t} (seconds), {hms} (HH-MM-SS.mmm),
{pts} (seconds of the frame itself) and {frame} (number of the frame in the video).

--dedupe BITS leaves out a picture that is nearly the one kept before it: a perceptual hash of 64 bits is made of both,
and BITS is how many may differ. 0 is off, 6 is typical, above 12 different pictures begin to count as one.

What is not complete does not appear: output is written under another name and renamed when it is done.

` + exitHelp

const extractExample = `  fiapx extract holiday.mp4
  fiapx extract holiday.mp4 -o frames.zip --fps 2 --start 1:30 --end 2:00
  fiapx extract holiday.mp4 --timestamps 5,1:30,2:00 --format webp --name '{hms}'
  fiapx extract lecture.mp4 --scene 0.3 --contact-sheet --storyboard
  fiapx extract *.mp4 -o frames/ --format jpeg --quality 90 --width 1280
  fiapx extract holiday.mp4 --fps 10 --plan
  fiapx extract holiday.mp4 -o - --fps 0.1 | bsdtar -tf -
  fiapx extract holiday.mp4 -o frames.zip --json`

// extractFlags are the flags as given.
type extractFlags struct {
	modes      []string // flags given that choose pictures
	fps        float64
	every      int
	times      string
	keyframes  bool
	scene      float64
	out        string
	format     string
	quality    int
	start, end string
	maxFrames  int
	crop       string
	width      int
	height     int
	dedupe     int
	keepHDR    bool
	threads    int
	name       string
	noManifest bool
	sheet      bool
	storyboard bool
	plan       bool
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
		RunE: func(cmd *cobra.Command, videos []string) error {
			f.modes = given(cmd.Flags(), "fps", "every", "timestamps", "keyframes", "scene")
			return c.extract(cmd.Context(), f, videos)
		},
	}
	cmd.Flags().SortFlags = false
	f.choose(cmd.Flags())
	f.shape(cmd.Flags())
	f.deliver(cmd.Flags())
	c.jsonFlag(cmd, "print events as JSON lines: progress, frame, done, error; with --plan one line with the plan")
	return cmd
}

func given(flags *pflag.FlagSet, names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !flags.Changed(name) })
}

// choose has the flags that say which pictures.
func (f *extractFlags) choose(flags *pflag.FlagSet) {
	flags.Float64Var(&f.fps, "fps", 1, "images per second of film")
	flags.IntVar(&f.every, "every", 0, "every Nth frame of the video")
	flags.StringVar(&f.times, "timestamps", "", "pictures at these instants: 5,1:30,00:02:00.5 or @FILE")
	flags.BoolVar(&f.keyframes, "keyframes", false, "the frames that the file stores as a whole")
	flags.Float64Var(&f.scene, "scene", 0, "first picture of each scene; share of change that begins one, 0 to 1 (0.3 is typical)")
	flags.StringVar(&f.start, "start", "", "begin here: 90, 1:30 or 00:01:30.5")
	flags.StringVar(&f.end, "end", "", "end before this instant")
	flags.IntVar(&f.maxFrames, "max-frames", 0, "at most this many images, the first ones (default no limit)")
	flags.IntVar(&f.dedupe, "dedupe", 0, "leave out pictures that differ from the one kept before in at most this many of 64 bits (6 is typical)")
}

// shape has the flags that say how the images look.
func (f *extractFlags) shape(flags *pflag.FlagSet) {
	flags.StringVar(&f.format, "format", "png", "png, jpeg, jpg, webp or avif")
	flags.IntVar(&f.quality, "quality", 95, "of JPEG, WebP and AVIF images, 1 to 100")
	flags.StringVar(&f.crop, "crop", "", "only this part of the picture: X,Y,WIDTH,HEIGHT in pixels, before scaling")
	flags.IntVar(&f.width, "width", 0, "scale to this width (default as in the video)")
	flags.IntVar(&f.height, "height", 0, "scale to this height (default as in the video)")
	flags.BoolVar(&f.keepHDR, "keep-hdr", false, "do not map HDR (PQ, HLG) pictures to SDR")
	flags.IntVar(&f.threads, "threads", 0, "cores to use (default all)")
}

// deliver has the flags that say what is written.
func (f *extractFlags) deliver(flags *pflag.FlagSet) {
	flags.StringVarP(&f.out, "output", "o", "", "where the images go: OUT.zip, DIR/ or - (default NAME_frames.zip)")
	flags.StringVar(&f.name, "name", "frame_{n:06}", "names of the images, without extension: {n} {n:06} {t} {hms} {pts} {frame}")
	flags.BoolVar(&f.noManifest, "no-manifest", false, "leave manifest.json and manifest.csv out")
	flags.BoolVar(&f.sheet, "contact-sheet", false, "add contact_sheet.jpg, small pictures of all images, 100 a sheet")
	flags.BoolVar(&f.storyboard, "storyboard", false, "add storyboard.vtt and its sprites, for players to show while seeking")
	flags.BoolVar(&f.plan, "plan", false, "only tell what would be extracted; nothing is decoded or written")
	flags.BoolVarP(&f.force, "force", "f", false, "replace what exists")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress bar and no summary")
}

// products is what goes beside the images of a video of that name.
func (f extractFlags) products(video string) processing.Products {
	return processing.Products{
		Source: video, Manifest: !f.noManifest, ContactSheet: f.sheet, Storyboard: f.storyboard, NameTemplate: f.name,
	}
}
