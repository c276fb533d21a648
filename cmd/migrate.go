package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/app"
)

func newMigrate(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the databases up to date, show their state, or move data here",
		Long: "Bring the databases of all modules up to date, show their state, or move an installation of the original here. Two runs at once do no harm: one waits for\n" +
			"the other. Servers over PostgreSQL refuse to start on another schema than their own; 'fiapx all', and every server\n" +
			"over SQLite files, does this step itself.",
		Example: "  fiapx migrate up\n  fiapx migrate status --json",
		Args:    nothing,
		RunE:    func(*cobra.Command, []string) error { return usagef("say what to do: up, status or import") },
	}
	up := &cobra.Command{
		Use: "up", Short: "Apply what is pending",
		Long: "Apply the pending migrations of every module, each in its own transaction.", Example: "  fiapx migrate up",
	}
	status := &cobra.Command{
		Use: "status", Short: "List applied and pending migrations",
		Long: "List the migrations of every module. Nothing is changed.", Example: "  fiapx migrate status",
	}
	cmd.AddCommand(
		c.migrateCommand(up, app.Migrate, "The databases are up to date already."),
		c.migrateCommand(status, app.MigrationStatus, "There are no migrations."),
		newImport(c),
	)
	return cmd
}

func (c *console) migrateCommand(
	cmd *cobra.Command, do func(context.Context, app.Config, *slog.Logger) ([]app.Migration, error), none string,
) *cobra.Command {
	var data string
	cmd.Args = nothing
	cmd.Flags().StringVar(&data, "data", "", "data folder of SQLite files (FIAPX_DATA; default ~/.local/share/fiapx)")
	c.jsonFlag(cmd, "print one JSON object a migration")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, log, err := c.configure(app.Target{}, app.Overrides{Data: data})
		if err != nil {
			return err
		}
		all, err := do(cmd.Context(), cfg, log)
		if err != nil {
			return operator(err)
		}
		c.migrations(all, none)
		return nil
	}
	return cmd
}

func (c *console) migrations(all []app.Migration, none string) {
	if c.json {
		for _, m := range all {
			writeJSON(c.out, m)
		}
		return
	}
	if len(all) == 0 {
		fmt.Fprintln(c.out, none)
		return
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	defer func() { _ = w.Flush() }()
	for _, m := range all {
		state := "pending"
		if m.Applied != nil {
			state = m.Applied.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", m.Module, m.Name, state)
	}
}
