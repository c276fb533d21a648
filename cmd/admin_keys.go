package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/app"
)

func newRotateKeys(c *console) *cobra.Command {
	var data string
	var leaked bool
	cmd := &cobra.Command{
		Use: "rotate-keys", Short: "Have another key sign access tokens",
		Long: "Have the next key sign access tokens; the one before goes on verifying until its last token has expired, so nobody\n" +
			"notices. Servers do this by themselves every FIAPX_AUTH_KEY_ROTATION, and follow within half a minute.\n\n" +
			"With --leaked all keys are replaced and every access token ends: within half a minute at serve-auth, within five at\n" +
			"serve-api, at once where it is restarted. Sessions go on; clients refresh.",
		Example: "  fiapx admin rotate-keys\n  fiapx admin rotate-keys --leaked",
		Args:    nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := c.configure(app.Target{}, app.Overrides{Data: data})
			if err != nil {
				return err
			}
			change, err := app.RotateKeys(cmd.Context(), cfg, log, leaked)
			if err != nil {
				return operator(err)
			}
			c.keyChange(change)
			return nil
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "data folder (FIAPX_DATA; default ~/.local/share/fiapx)")
	cmd.Flags().BoolVar(&leaked, "leaked", false, "replace all keys, because one may be in wrong hands")
	c.jsonFlag(cmd, "print a JSON object")
	return cmd
}

func (c *console) keyChange(change app.KeyChange) {
	if c.json {
		writeJSON(c.out, change)
		return
	}
	fmt.Fprintf(c.out, "Signs now:   %s\nSigns next:  %s\n", change.Current, change.Next)
	if change.Retiring != "" {
		fmt.Fprintf(c.out, "Retires:     %s\n", change.Retiring)
	}
}
