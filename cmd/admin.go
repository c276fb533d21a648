package cmd

import "github.com/spf13/cobra"

// newAdmin groups what an operator does to a running service from its own machine: it works on the databases, not over HTTP.
func newAdmin(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "admin", Short: "Manage a service from the machine it runs on",
		Long: "Manage a service from the machine it runs on. These commands work on the databases directly, with the same settings as\n" +
			"the servers; the servers may go on running.",
		Example: "  fiapx admin rotate-keys",
		Args:    nothing,
		RunE:    func(*cobra.Command, []string) error { return usagef("say what to do; 'fiapx admin --help' lists it") },
	}
	cmd.AddCommand(newRotateKeys(c))
	return cmd
}
