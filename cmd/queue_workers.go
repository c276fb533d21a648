package cmd

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/modules/videos"
)

func newQueueWorkers(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "workers", Short: "List the live workers",
		Long:    "List the workers that have reported in the last 90 seconds; they do so every 10 seconds.",
		Example: "  fiapx queue workers",
		Args:    nothing,
	}
	return c.queueCommand(cmd, func(ctx context.Context, q videos.Operator, _ []string) error {
		workers, err := q.Workers(ctx)
		if err != nil {
			return err
		}
		c.workers(workers)
		return nil
	})
}

func (c *console) workers(list []videos.Worker) {
	if c.json {
		for _, w := range list {
			writeJSON(c.out, w)
		}
		return
	}
	if len(list) == 0 {
		fmt.Fprintln(c.out, "No worker is alive.")
		return
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WORKER\tSTATE\tJOBS\tCOMPLETED\tFAILED\tSUCCESS\tUP\tVERSION")
	for _, w := range list {
		up := w.LastSeen.Sub(w.StartedAt).Round(time.Second)
		fmt.Fprintf(table, "%s\t%s\t%d of %d\t%d\t%d\t%.1f %%\t%s\t%s\n",
			shown(w.ID), w.State, w.Running, w.Capacity, w.Completed, w.Failed, w.SuccessRate, up, w.Version)
	}
	_ = table.Flush()
}
