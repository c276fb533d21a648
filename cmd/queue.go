package cmd

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/app"
	"github.com/fiapx/fiapx/modules/videos"
)

const queueHelp = `
Works on the database itself: FIAPX_DATABASE_URL, or the SQLite files of the data folder. The servers may go on running.`

// newQueue groups what an operator does to the queue.
func newQueue(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "queue", Short: "Look at the queue of a service from the machine it runs on",
		Long:    "List the workers, and the jobs that failed, and have those tried again.\n" + queueHelp,
		Example: "  fiapx queue failed\n  fiapx queue retry 0198c0de-0000-7000-8000-000000000000",
		Args:    nothing,
		RunE:    func(*cobra.Command, []string) error { return usagef("say what to do; 'fiapx queue --help' lists it") },
	}
	cmd.AddCommand(newQueueFailed(c), newQueueRetry(c), newQueueWorkers(c))
	return cmd
}

// queueCommand gives a command the flags that all of them share, and the queue.
func (c *console) queueCommand(cmd *cobra.Command, do func(ctx context.Context, q videos.Operator, args []string) error) *cobra.Command {
	var data string
	cmd.Long += "\n" + queueHelp
	cmd.Flags().StringVar(&data, "data", "", "data folder (FIAPX_DATA; default ~/.local/share/fiapx)")
	c.jsonFlag(cmd, "print JSON, one object a line")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, log, err := c.configure(app.Target{}, app.Overrides{Data: data})
		if err != nil {
			return err
		}
		return operator(app.OnQueue(cmd.Context(), cfg, log, func(q videos.Operator) error { return do(cmd.Context(), q, args) }))
	}
	return cmd
}

func newQueueFailed(c *console) *cobra.Command {
	var skip, limit int
	cmd := &cobra.Command{
		Use: "failed", Short: "List the jobs that failed for good",
		Long:    "List the jobs of all users that failed for good, the latest first, each with its reason.",
		Example: "  fiapx queue failed --limit 100 --json | jq -r .error_code | sort | uniq -c",
		Args:    nothing,
	}
	cmd.Flags().IntVar(&skip, "skip", 0, "leave the latest ones out")
	cmd.Flags().IntVar(&limit, "limit", 20, "at most this many, up to 100")
	return c.queueCommand(cmd, func(ctx context.Context, q videos.Operator, _ []string) error {
		jobs, total, err := q.DeadLetters(ctx, skip, limit)
		if err != nil {
			return err
		}
		c.failed(jobs, total)
		return nil
	})
}

func (c *console) failed(jobs []videos.DeadLetter, total int64) {
	if c.json {
		for _, j := range jobs {
			writeJSON(c.out, j)
		}
		return
	}
	if len(jobs) == 0 {
		fmt.Fprintln(c.out, "No failed jobs.")
		return
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "JOB\tFAILED\tCODE\tATTEMPTS\tUSER\tFILE\tREASON")
	for _, j := range jobs {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", j.JobID, j.FailedAt.Local().Format(time.DateTime), j.Code, j.Attempt, j.UserID,
			shown(j.Filename), strings.TrimSpace(shown(j.Message)))
	}
	_ = w.Flush()
	if n := int64(len(jobs)); n < total {
		fmt.Fprintf(c.out, "%d of %d\n", n, total)
	}
}

func newQueueRetry(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "retry JOB...", Short: "Have failed jobs tried again",
		Long:    "Put failed jobs back at the end of the line, with the parameters they had and no attempt counted.",
		Example: "  fiapx queue retry 0198c0de-0000-7000-8000-000000000000",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("JOB is missing")
			}
			return nil
		},
	}
	return c.queueCommand(cmd, func(ctx context.Context, q videos.Operator, args []string) error {
		for _, id := range args {
			if err := q.Requeue(ctx, id); err != nil {
				return err
			}
			if c.json {
				writeJSON(c.out, map[string]string{"job_id": id, "status": "pending"})
				continue
			}
			fmt.Fprintf(c.out, "Job %s waits again.\n", id)
		}
		return nil
	})
}
