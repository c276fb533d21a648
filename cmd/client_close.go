package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/client"
)

func newCloseAccount(c *console) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use: "close-account", Short: "Close your account and delete what it owns",
		Long: "Close your account for good: sessions and API keys end at once, and every job is deleted with its files. It is confirmed with\n" +
			"your password, which is asked for, or read from standard input with --password-stdin.",
		Example: "  fiapx close-account\n  fiapx close-account --password-stdin < secret",
		Args:    nothing,
	}
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read your password from standard input")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, _ []string) error {
		password, err := c.password(stdin)
		if err != nil {
			return err
		}
		raw, err := api.CloseAccount(ctx, password)
		if err != nil {
			return err
		}
		c.answer(raw, "Your account at %s is closed; its videos and results are being deleted.", api.Server())
		return nil
	})
}
