package cmd

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/app"
	"github.com/fiapx/fiapx/platform/config"
)

const importLong = `Move an installation of the original FIAP X here: accounts with their ids and passwords, jobs with their ids, times and
states, videos and archives. Without --apply it only tells what it would do. The original is only read.

Stop the original first, and bring the databases here up to date with 'fiapx migrate up'. What is here already stays as it
is, so the command can be repeated: it goes on where an interrupted run ended, and brings files that were missing before.
When rows cannot come (two addresses that differ in letter case only, an unknown status), nothing is written until they are
corrected in the original or left behind with --skip-refused. Every row that is refused or lacks a file is listed by its id.

A password in a URL shows in the list of processes; PGPASSWORD or PGPASSFILE keeps it out.
Exits with 1 when rows are refused and nothing was written, with 4 when something was left behind.`

type importFlags struct {
	data, server, auth, videos, files string
	apply, skip, without              bool
}

func newImport(c *console) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import", Short: "Move an installation of the original FIAP X here", Long: importLong, Args: nothing,
		Example: "  fiapx migrate import --from-fiap-x postgres://fiap@db:5432/ --files /srv/fiap-x/storage\n" +
			"  fiapx migrate import --from-fiap-x postgres://fiap@db:5432/ --files /srv/fiap-x/storage --apply",
		RunE: func(cmd *cobra.Command, _ []string) error { return c.doImport(cmd, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.server, "from-fiap-x", "", "PostgreSQL server of the original, postgres://USER@HOST:PORT/; fiap_x_auth and video_processing are read there")
	flags.StringVar(&f.auth, "from-fiap-x-auth", "", "URL of the database of accounts, where it is elsewhere or has another name")
	flags.StringVar(&f.videos, "from-fiap-x-videos", "", "URL of the database of jobs, where it is elsewhere or has another name")
	flags.StringVar(&f.files, "files", "", "storage folder of the original, the one with videos and results in it")
	flags.BoolVar(&f.without, "without-files", false, "leave all videos and archives behind")
	flags.BoolVar(&f.apply, "apply", false, "do it, not only tell what would be done")
	flags.BoolVar(&f.skip, "skip-refused", false, "leave rows behind that cannot come, in place of stopping")
	flags.StringVar(&f.data, "data", "", "data folder (FIAPX_DATA; default ~/.local/share/fiapx)")
	c.jsonFlag(cmd, "print one JSON object")
	return cmd
}

func (f importFlags) origin() (app.Origin, error) {
	switch {
	case f.server == "" && (f.auth == "" || f.videos == ""):
		return app.Origin{}, usagef("say where the original is: --from-fiap-x URL, or both --from-fiap-x-auth and --from-fiap-x-videos")
	case f.files == "" && !f.without:
		return app.Origin{}, usagef("say where the files are: --files DIR, or --without-files to leave them behind")
	case f.files != "" && f.without:
		return app.Origin{}, usagef("--files and --without-files exclude each other")
	}
	return app.Origin{Server: config.Secret(f.server), Auth: config.Secret(f.auth), Videos: config.Secret(f.videos), Files: f.files}, nil
}

func (c *console) doImport(cmd *cobra.Command, f importFlags) error {
	from, err := f.origin()
	if err != nil {
		return err
	}
	cfg, log, err := c.configure(app.Target{}, app.Overrides{Data: f.data})
	if err != nil {
		return err
	}
	line := newImportLine(c)
	report, err := app.Import(cmd.Context(), cfg, log, from, app.Importing{
		Apply: f.apply, SkipRefused: f.skip, Tell: line.tell, Moved: line.moved,
	})
	line.end()
	if err != nil && !errors.Is(err, app.ErrImportRefused) {
		return operator(err)
	}
	c.importReport(report, cfg.Videos.RetentionDays)
	switch {
	case err != nil && c.json:
		return &codeError{code: exitFailure}
	case err != nil:
		return err
	case len(report.Findings) > 0:
		return &codeError{code: exitPartial}
	}
	return nil
}
