package cmd

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/client"
)

func newJobs(c *console) *cobra.Command {
	var status string
	var skip, limit int
	cmd := &cobra.Command{
		Use: "jobs", Short: "List your jobs",
		Long:    "List your jobs, newest first.",
		Example: "  fiapx jobs\n  fiapx jobs --status completed --limit 100",
		Args:    nothing,
	}
	cmd.Flags().StringVar(&status, "status", "", "only pending, processing, completed, failed or cancelled ones")
	cmd.Flags().IntVar(&skip, "skip", 0, "leave the newest ones out")
	cmd.Flags().IntVar(&limit, "limit", 20, "at most this many, up to 100")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, _ []string) error {
		list, raw, err := api.Jobs(ctx, status, skip, limit)
		if err != nil {
			return err
		}
		c.answer(raw, "%s", table(list))
		return nil
	})
}

func table(l client.List) string {
	if len(l.Data.Jobs) == 0 {
		return "No jobs."
	}
	rows := []string{"JOB\tSTATUS\tFRAMES\tSIZE\tCREATED\tFILE"}
	for _, j := range l.Data.Jobs {
		frames, zip := "-", "-"
		if j.FrameCount != nil {
			frames = strconv.FormatInt(*j.FrameCount, 10)
		}
		if j.ZipSizeMB != nil {
			zip = size(int64(*j.ZipSizeMB * (1 << 20)))
		}
		rows = append(rows, strings.Join([]string{j.ID, j.Status, frames, zip, moment(&j.CreatedAt), shown(j.Filename)}, "\t"))
	}
	text := columns(rows...)
	if p := l.Data.Pagination; p.HasNext {
		text += fmt.Sprintf("\n%d of %d; see more with --skip %d", len(l.Data.Jobs), p.Total, int(p.Skip)+len(l.Data.Jobs))
	}
	return text
}

// shown keeps a name that somebody else may have made from steering the terminal.
func shown(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, name)
}

func newStatus(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "status JOB", Short: "Show how a job is doing",
		Long:    "Show the state of a job once. Use 'fiapx watch' to follow it to its end.",
		Example: "  fiapx status 0198c0de-0000-7000-8000-000000000000",
		Args:    exactly(1, "JOB"),
	}
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		s, raw, err := api.Status(ctx, args[0])
		if err != nil {
			return err
		}
		c.answer(raw, "%s", describe(s))
		return nil
	})
}

func describe(s client.Status) string {
	d := s.Data
	text := fmt.Sprintf("%s (%s): %s", d.Job.ID, shown(d.Job.Filename), d.Job.Status)
	switch d.Job.Status {
	case "pending":
		if d.Job.QueuePosition != nil {
			text += fmt.Sprintf(", number %d in the queue", *d.Job.QueuePosition)
		}
	case "processing":
		if d.Progress.Percentage != nil {
			text += fmt.Sprintf(", %.0f %%, %s, %s", *d.Progress.Percentage, d.Progress.Stage, plural(int(d.Progress.Frames), "frame"))
		}
	case "completed":
		if d.Results.FrameCount != nil {
			text += ", " + plural(int(*d.Results.FrameCount), "frame")
		}
	case "failed":
		if d.Error != nil {
			text += ": " + d.Error.Message
		}
	}
	if w := warning(s); w != "" {
		text += "\nwarning: " + w
	}
	return text
}

// warning says what is missing of a completed job; empty when nothing is.
func warning(s client.Status) string {
	switch r := s.Data.Results; {
	case s.Data.Job.Status != "completed":
		return ""
	case r.Warning != nil && *r.Warning != "":
		return *r.Warning
	case r.Truncated:
		return "a limit of the server cut the result"
	}
	return ""
}

func newFrames(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "frames JOB", Short: "List the images of a completed job",
		Long:    "List the names of the images in a completed job's archive, one a line.",
		Example: "  fiapx frames 0198c0de-0000-7000-8000-000000000000 | wc -l",
		Args:    exactly(1, "JOB"),
	}
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		names, raw, err := api.Frames(ctx, args[0])
		if err != nil {
			return err
		}
		c.answer(raw, "%s", strings.Join(names, "\n"))
		return nil
	})
}

func newCancel(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "cancel JOB", Short: "Stop a job",
		Long:    "Stop a job that waits or runs. What it has made so far is removed.",
		Example: "  fiapx cancel 0198c0de-0000-7000-8000-000000000000",
		Args:    exactly(1, "JOB"),
	}
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		raw, err := api.Cancel(ctx, args[0])
		if err != nil {
			return err
		}
		c.answer(raw, "Job %s cancelled.", args[0])
		return nil
	})
}

func newDelete(c *console) *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use: "delete JOB", Short: "Delete a job with its video and archive",
		Long:    "Delete a job that is not running. Its video and its archive go too, unless --keep-files is given.",
		Example: "  fiapx delete 0198c0de-0000-7000-8000-000000000000",
		Args:    exactly(1, "JOB"),
	}
	cmd.Flags().BoolVar(&keep, "keep-files", false, "keep the files on the server until it cleans up")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		raw, err := api.Delete(ctx, args[0], keep)
		if err != nil {
			return err
		}
		c.answer(raw, "Job %s deleted.", args[0])
		return nil
	})
}
