package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/client"
	"github.com/fiapx/fiapx/platform/fault"
)

func newWatch(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "watch JOB...", Short: "Follow jobs to their ends",
		Long: "Follow jobs until they have ended. With --json, each answer of the server that differs from the one before\n" +
			"is printed, one a line. The exit code tells how the jobs ended.",
		Example: "  fiapx watch 0198c0de-0000-7000-8000-000000000000 && echo done",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("JOB is missing")
			}
			return nil
		},
	}
	return c.clientCommand(cmd, c.watchAll)
}

// watchAll follows one job after the other; those that end meanwhile are found ended.
func (c *console) watchAll(ctx context.Context, api *client.Client, ids []string) error {
	worst := exitOK
	for _, id := range ids {
		s, err := c.watch(ctx, api, id)
		if err != nil {
			return err
		}
		if !c.json {
			fmt.Fprintln(c.out, describe(s))
		}
		worst = worse(worst, ending(s))
	}
	if worst == exitOK {
		return nil
	}
	return &codeError{code: worst}
}

// ending gives the exit code for a job that has ended.
func ending(s client.Status) int {
	switch {
	case s.Data.Job.Status != "completed":
		return exitFailure
	case warning(s) != "":
		return exitPartial
	}
	return exitOK
}

const (
	watchEvery = time.Second
	// A server that restarts is back within this time; a job does not end because nobody looks.
	watchPatience = time.Minute
)

func (c *console) watch(ctx context.Context, api *client.Client, id string) (client.Status, error) {
	bar := c.meter(100, id)
	defer bar.end()
	seen, answered := "", time.Now()
	for {
		s, raw, err := api.Status(ctx, id)
		switch {
		case fault.KindOf(err) == fault.Unavailable && time.Since(answered) < watchPatience:
		case err != nil:
			return s, err
		default:
			answered = time.Now()
			if c.json && differs(s, &seen) {
				c.answer(raw, "")
			}
		}
		if err == nil && s.Ended() {
			return s, nil
		}
		if p := s.Data.Progress; err == nil && p.Percentage != nil {
			bar.describe(fmt.Sprintf("%s, %s", p.Stage, plural(int(p.Frames), "frame")))
			bar.set(int64(*p.Percentage))
		}
		if err := client.Wait(ctx, watchEvery); err != nil {
			return s, err
		}
	}
}

// differs notes what a status says apart from the time at which it was asked for.
func differs(s client.Status, seen *string) bool {
	p := s.Data.Progress
	percentage := -1.0
	if p.Percentage != nil {
		percentage = *p.Percentage
	}
	now := fmt.Sprint(s.Data.Job.Status, percentage, p.Stage, p.Frames)
	changed := now != *seen
	*seen = now
	return changed
}
