package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/app"
)

func newDoctor(c *console) *cobra.Command {
	var o app.Overrides
	cmd := &cobra.Command{
		Use: "doctor", Short: "Examine what a server needs on this machine",
		Long: "Examine what a server needs on this machine: the data folder, disk space, the extraction engine, what\n" +
			"a decoder could do to this machine, the databases and the address; and show the settings that are not at their\n" +
			"defaults (all of them with --json), secrets hidden.\n" +
			"Exits with 1 when something is wrong.",
		Example: "  fiapx doctor\n  fiapx doctor --data /srv/fiapx --json",
		Args:    nothing,
	}
	c.serverFlags(cmd, &o)
	c.jsonFlag(cmd, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := c.configure(app.Target{}, o)
		if err != nil {
			return err
		}
		findings := app.Examine(cmd.Context(), cfg)
		c.findings(findings, &cfg)
		for _, f := range findings {
			if !f.OK {
				return &codeError{code: exitFailure}
			}
		}
		return nil
	}
	return cmd
}

func (c *console) findings(findings []app.Finding, cfg *app.Config) {
	settings := app.Settings(cfg)
	if c.json {
		writeJSON(c.out, map[string]any{"findings": findings, "settings": settings, "build": currentBuild()})
		return
	}
	for _, f := range findings {
		mark := "ok   "
		if !f.OK {
			mark = "WRONG"
		}
		fmt.Fprintf(c.out, "%s  %s: %s\n", mark, f.Check, f.Detail)
	}
	for _, s := range settings {
		if !s.Default {
			fmt.Fprintf(c.out, "set    %s=%s\n", s.Name, s.Value)
		}
	}
}
