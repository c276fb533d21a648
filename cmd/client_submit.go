package cmd

import (
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fiapx/fiapx/cmd/internal/client"
	"github.com/fiapx/fiapx/platform/fault"
)

// submitFlags are the fields of the form; only those that were given are sent, since the others follow the user's
// preferences on the server.
type submitFlags struct {
	watch bool
}

// formFields maps flags to fields of the form.
var formFields = []struct{ flag, field string }{
	{"fps", "extraction_fps"},
	{"every", "every"},
	{"keyframes", "keyframes_only"},
	{"scene", "scene_threshold"},
	{"max-frames", "max_frames"},
	{"dedupe", "dedupe"},
	{"format", "output_format"},
	{"quality", "quality"},
	{"crop", "crop"},
	{"width", "width"},
	{"height", "height"},
	{"keep-hdr", "keep_hdr"},
	{"name", "name_template"},
	{"contact-sheet", "contact_sheet"},
	{"storyboard", "storyboard"},
}

func newSubmit(c *console) *cobra.Command {
	var f submitFlags
	cmd := &cobra.Command{
		Use: "submit VIDEO...", Short: "Upload videos and start jobs",
		Long: "Upload videos; each becomes a job. The ids of the jobs are printed, one a line.\n" +
			"What is not given follows your preferences on the server. At most one of --fps, --every, --timestamps, --keyframes\n" +
			"and --scene chooses the pictures; 'fiapx extract --help' explains them.",
		Example: "  fiapx submit holiday.mp4 --fps 2 --watch\n  fiapx submit *.mp4 --format jpg --quality 90\n" +
			"  fiapx submit lecture.mp4 --scene 0.3 --contact-sheet --storyboard",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("VIDEO is missing: name the file to upload")
			}
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	submissionFlags(cmd.Flags())
	cmd.Flags().BoolVarP(&f.watch, "watch", "w", false, "follow the jobs to their ends")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, videos []string) error {
		fields, err := form(cmd.Flags())
		if err != nil {
			return err
		}
		return c.submit(ctx, api, f, videos, fields)
	})
}

func submissionFlags(flags *pflag.FlagSet) {
	flags.Float64("fps", 0, "images per second of film, 0.1 to 60 (default as preferred, 1)")
	flags.Int("every", 0, "every Nth frame of the video")
	flags.String("timestamps", "", "pictures at these instants: 5,1:30,00:02:00.5 or @FILE")
	flags.Bool("keyframes", false, "the frames that the file stores as a whole")
	flags.Float64("scene", 0, "first picture of each scene; share of change that begins one, 0.01 to 1 (0.3 is typical)")
	flags.String("start", "", "begin here: 90, 1:30 or 00:01:30.5")
	flags.String("end", "", "end before this instant")
	flags.Int("max-frames", 0, "at most this many images, the first ones (default as preferred, no limit)")
	flags.Int("dedupe", 0, "leave out pictures that differ from the one kept before in at most this many of 64 bits (default as preferred, off)")
	flags.String("format", "", "png, jpg, jpeg, webp or avif (default as preferred, png)")
	flags.Int("quality", 0, "of JPEG, WebP and AVIF images, 1 to 100 (default as preferred, 95)")
	flags.String("crop", "", "only this part of the picture: X,Y,WIDTH,HEIGHT in pixels, before scaling")
	flags.Int("width", 0, "scale to this width (default as in the video)")
	flags.Int("height", 0, "scale to this height (default as in the video)")
	flags.Bool("keep-hdr", false, "do not map HDR (PQ, HLG) pictures to SDR")
	flags.String("name", "", "names of the images, without extension: {n} {n:06} {t} {hms} {pts} {frame} (default as preferred, frame_{n:06})")
	flags.Bool("no-manifest", false, "leave manifest.json and manifest.csv out")
	flags.Bool("contact-sheet", false, "add contact_sheet.jpg, small pictures of all images, 100 a sheet")
	flags.Bool("storyboard", false, "add storyboard.vtt and its sprites, for players to show while seeking")
}

// form collects the flags that were given. The server checks them; only what it does not understand is read here.
func form(flags *pflag.FlagSet) (map[string]string, error) {
	if modes := given(flags, "fps", "every", "timestamps", "keyframes", "scene"); len(modes) > 1 {
		return nil, usagef("--%s choose pictures in different ways; give one of them", strings.Join(modes, " and --"))
	}
	fields := map[string]string{}
	for _, f := range formFields {
		if flags.Changed(f.flag) {
			fields[f.field] = flags.Lookup(f.flag).Value.String()
		}
	}
	if flags.Changed("no-manifest") {
		fields["include_manifest"] = strconv.FormatBool(flags.Lookup("no-manifest").Value.String() != "true")
	}
	return fields, instants(flags, fields)
}

// instants puts times into seconds.
func instants(flags *pflag.FlagSet, fields map[string]string) error {
	for flag, field := range map[string]string{"start": "start_time", "end": "end_time"} {
		if !flags.Changed(flag) {
			continue
		}
		at, err := parseInstant(flags.Lookup(flag).Value.String())
		if err != nil {
			return usagef("--%s: %s", flag, err)
		}
		fields[field] = seconds(at)
	}
	if !flags.Changed("timestamps") {
		return nil
	}
	times, err := parseTimes(flags.Lookup("timestamps").Value.String())
	if err != nil {
		return err
	}
	words := make([]string, len(times))
	for i, t := range times {
		words[i] = seconds(t)
	}
	fields["timestamps"] = strings.Join(words, ",")
	return nil
}

func seconds(at float64) string { return strconv.FormatFloat(at, 'f', -1, 64) }

func (c *console) submit(ctx context.Context, api *client.Client, f submitFlags, videos []string, fields map[string]string) error {
	var ids []string
	for _, video := range videos {
		bar := c.meter(fileSize(video), "uploading "+shown(video))
		s, raw, err := api.Submit(ctx, client.Upload{Path: video, Fields: fields, Progress: bar.set})
		bar.end()
		if err != nil {
			return rejected(video, len(videos) > 1, err)
		}
		ids = append(ids, s.Data.Job.ID)
		if !f.watch || !c.json { // a watched job prints its own JSON
			c.answer(raw, "%s", s.Data.Job.ID)
		}
	}
	if !f.watch {
		return nil
	}
	return c.watchAll(ctx, api, ids)
}

// rejected tells a bad video by its exit code and, among several, by its name.
func rejected(video string, several bool, err error) error {
	switch fault.From(err).Code {
	case "client.no_such_file", "videos.empty_file", "videos.unsupported_format", "videos.not_a_video",
		"videos.invalid_video_format", "videos.file_too_large", "videos.start_beyond_end":
		err = &codeError{exitBadVideo, err}
	}
	if several {
		return prefixed(video, err)
	}
	return err
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}
