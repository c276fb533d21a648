package cmd

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/client"
)

func newRetry(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "retry JOB", Short: "Try a failed job again",
		Long:    "Put a job that failed back into the queue. The server must still have its video; 'fiapx attempts' tells what was tried.",
		Example: "  fiapx retry 0198c0de-0000-7000-8000-000000000000",
		Args:    exactly(1, "JOB"),
	}
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		raw, err := api.Retry(ctx, args[0])
		if err != nil {
			return err
		}
		c.answer(raw, "Job %s waits in the queue again.", args[0])
		return nil
	})
}

func newAttempts(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "attempts JOB", Short: "List what has been tried for a job",
		Long:    "List the attempts at a job, oldest first: which worker made them, and how each ended.",
		Example: "  fiapx attempts 0198c0de-0000-7000-8000-000000000000",
		Args:    exactly(1, "JOB"),
	}
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		list, raw, err := api.Attempts(ctx, args[0])
		if err != nil {
			return err
		}
		c.answer(raw, "%s", attempts(list))
		return nil
	})
}

func attempts(list []client.Attempt) string {
	if len(list) == 0 {
		return "Nothing has been tried yet."
	}
	rows := []string{"ATTEMPT\tOUTCOME\tCODE\tSTARTED\tTOOK\tWORKER"}
	for _, a := range list {
		took, code := "-", "-"
		if a.EndedAt != nil {
			took = a.EndedAt.Sub(a.StartedAt).Round(time.Millisecond).String()
		}
		if a.Code != "" {
			code = a.Code
		}
		rows = append(rows, strings.Join([]string{strconv.Itoa(a.Attempt), a.Outcome, code, moment(&a.StartedAt), took, shown(a.Worker)}, "\t"))
	}
	return columns(rows...)
}
