package cmd

import (
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/app"
	"github.com/fiapx/fiapx/platform/fault"
	"github.com/fiapx/fiapx/platform/observe"
)

const serverHelp = `
Settings come from FIAPX_... variables; flags win. At its start the server says what each part resolved to.
The first Ctrl-C or SIGTERM stops it in order, the second one at once.`

// serverCommand gives a command what all servers share.
func (c *console) serverCommand(cmd *cobra.Command, target string) *cobra.Command {
	return c.serverWith(cmd, target, &app.Overrides{})
}

// serverWith is serverCommand for a command that has flags of its own, which fill o.
func (c *console) serverWith(cmd *cobra.Command, target string, o *app.Overrides) *cobra.Command {
	cmd.Args = nothing
	cmd.Long += "\n" + serverHelp
	c.serverFlags(cmd, o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		t, err := app.Find(target)
		if err != nil {
			return err
		}
		cfg, log, err := c.configure(t, *o)
		if err != nil {
			return err
		}
		c.welcome(t, cfg)
		return operator(app.Run(cmd.Context(), t, cfg, log))
	}
	return cmd
}

func (c *console) serverFlags(cmd *cobra.Command, o *app.Overrides) {
	cmd.Flags().StringVar(&o.Data, "data", "", "data folder (FIAPX_DATA; default ~/.local/share/fiapx)")
	cmd.Flags().StringVar(&o.Listen, "listen", "", "address to serve HTTP on, HOST:PORT (FIAPX_LISTEN)")
}

func (c *console) configure(t app.Target, o app.Overrides) (app.Config, *slog.Logger, error) {
	cfg, err := app.Load(t, c.environ, o)
	if err != nil {
		return cfg, nil, err
	}
	cfg.Version = currentBuild().Version
	log, err := observe.NewLogger(c.err, cfg.Log.Format, cfg.Log.Level)
	return cfg, log, err
}

// welcome tells a person where to look.
func (c *console) welcome(t app.Target, cfg app.Config) {
	if isTerminal(c.err) && len(t.Routes) > 0 {
		fmt.Fprintf(c.err, "fiapx %s: %s, data in %s\n", t.Name, browse(cfg.HTTP.Listen), cfg.Data)
	}
}

// browse makes an address to be opened of one to listen on.
func browse(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// operator shows whoever runs a server what a user of it must not see: the cause.
func operator(err error) error {
	if err == nil || exitCode(err) != exitFailure || fault.From(err).Kind == fault.Internal {
		return err
	}
	return &codeError{exitFailure, fmt.Errorf("%s", strings.TrimSpace(err.Error()))}
}

func newAll(c *console) *cobra.Command {
	return c.serverCommand(&cobra.Command{
		Use: "all", Short: "Run everything in one process, over one data folder",
		Long: "Run the whole service in one process: accounts, jobs, the web page and the worker. It needs no other server and\n" +
			"brings its databases up to date itself. Nobody else may use the data folder meanwhile.",
		Example: "  fiapx all\n  fiapx all --data /srv/fiapx --listen 0.0.0.0:8080",
	}, "all")
}

func newServeAuth(c *console) *cobra.Command {
	return c.serverCommand(&cobra.Command{
		Use: "serve-auth", Short: "Serve accounts, sessions and the public keys",
		Long:    "Serve accounts, sessions and the public keys by which the other processes verify tokens. Listens on :8000.",
		Example: "  FIAPX_DATABASE_URL=postgres://fiapx@db/fiapx fiapx serve-auth",
	}, "serve-auth")
}

func newServeAPI(c *console) *cobra.Command {
	return c.serverCommand(&cobra.Command{
		Use: "serve-api", Short: "Serve jobs, the web page and the API description",
		Long: "Serve jobs, the web page and the API description. Tokens are verified with the keys of serve-auth, from\n" +
			"FIAPX_JWKS_URL. Listens on :8001. Workers must see the same storage: FIAPX_STORAGE_SHARED=true says so.",
		Example: "  FIAPX_STORAGE_SHARED=true FIAPX_JWKS_URL=http://auth:8000/.well-known/jwks.json fiapx serve-api",
	}, "serve-api")
}

func newWork(c *console) *cobra.Command {
	var o app.Overrides
	cmd := &cobra.Command{
		Use: "work", Short: "Take jobs from the queue and extract their frames",
		Long: "Take jobs from the queue and extract their frames. Serves health only, on :8002. At a stop running jobs may end\n" +
			"within FIAPX_WORKER_SHUTDOWN_TIMEOUT; those that do not go back to the queue, at no cost to them.\n\n" +
			"Besides --concurrency the memory of the machine and of its cgroup limits how many jobs run at a time (see\n" +
			"FIAPX_WORKER_JOB_MEMORY); one always does.",
		Example: "  FIAPX_STORAGE_SHARED=true fiapx work --concurrency 4\n  FIAPX_STORAGE_SHARED=true fiapx work --drain",
	}
	cmd.Flags().IntVar(&o.Concurrency, "concurrency", 0, "jobs at a time (FIAPX_CONCURRENCY)")
	cmd.Flags().BoolVar(&o.Drain, "drain", false, "end when no job is due and none runs, instead of waiting for more")
	return c.serverWith(cmd, "work", &o)
}
