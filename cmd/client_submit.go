package cmd

import (
	"context"
	"os"
	"strconv"

	"github.com/spf13/cobra"

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
	{"format", "output_format"},
	{"quality", "quality"},
	{"max-frames", "max_frames"},
	{"width", "width"},
	{"height", "height"},
}

func newSubmit(c *console) *cobra.Command {
	var f submitFlags
	cmd := &cobra.Command{
		Use: "submit VIDEO...", Short: "Upload videos and start jobs",
		Long: "Upload videos; each becomes a job. The ids of the jobs are printed, one a line.\n" +
			"What is not given follows your preferences on the server.",
		Example: "  fiapx submit holiday.mp4 --fps 2 --watch\n  fiapx submit *.mp4 --format jpg --quality 90",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("VIDEO is missing: name the file to upload")
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.Float64("fps", 0, "images per second of film, 0.1 to 60 (default as preferred, 1)")
	flags.String("format", "", "png, jpg or jpeg (default png)")
	flags.Int("quality", 0, "of JPEG images, 1 to 100 (default as preferred, 95)")
	flags.String("start", "", "begin here: 90, 1:30 or 00:01:30.5")
	flags.String("end", "", "end before this instant")
	flags.Int("max-frames", 0, "at most this many images, the first ones (default as preferred, no limit)")
	flags.Int("width", 0, "scale to this width (default as in the video)")
	flags.Int("height", 0, "scale to this height (default as in the video)")
	flags.Bool("no-manifest", false, "leave manifest.json out")
	flags.BoolVarP(&f.watch, "watch", "w", false, "follow the jobs to their ends")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, videos []string) error {
		fields, err := form(cmd)
		if err != nil {
			return err
		}
		return c.submit(ctx, api, f, videos, fields)
	})
}

// form collects the flags that were given.
func form(cmd *cobra.Command) (map[string]string, error) {
	fields := map[string]string{}
	flags := cmd.Flags()
	for _, f := range formFields {
		if flags.Changed(f.flag) {
			fields[f.field] = flags.Lookup(f.flag).Value.String()
		}
	}
	for flag, field := range map[string]string{"start": "start_time", "end": "end_time"} {
		if !flags.Changed(flag) {
			continue
		}
		at, err := parseInstant(flags.Lookup(flag).Value.String())
		if err != nil {
			return nil, usagef("--%s: %s", flag, err)
		}
		fields[field] = strconv.FormatFloat(at, 'f', -1, 64)
	}
	if flags.Changed("no-manifest") {
		fields["include_manifest"] = strconv.FormatBool(flags.Lookup("no-manifest").Value.String() != "true")
	}
	return fields, nil
}

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
