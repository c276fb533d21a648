package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/modules/processing"
)

// console is what the commands are connected to.
type console struct {
	in       io.Reader
	out, err io.Writer
	environ  func(string) (string, bool)
	json     bool // answer programs, not people
}

// Execute runs the program and gives its exit code.
func Execute() int {
	// The child decodes hostile input: it gets no flags, no configuration and no signal handling, and starts fast.
	if processing.IsChild(os.Args) {
		return processing.ChildMain(context.Background())
	}
	ctx, stop := onSignals(context.Background())
	defer stop()
	c := &console{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.LookupEnv}
	return c.run(ctx, os.Args[1:])
}

func (c *console) run(ctx context.Context, args []string) int {
	root := newRoot(c)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var usage *usageError
	if errors.As(err, &usage) && usage.command == "" {
		usage.command = cmd.CommandPath()
	}
	if c.json {
		reportJSON(c.out, err)
	}
	report(c.err, err)
	return exitCode(err)
}

const rootLong = `fiapx turns videos into frames: exact pictures at the rate you ask for, in one ZIP.

  fiapx extract VIDEO    frames of files on your own disk, no server needed
  fiapx all              the whole service in one process, over one data folder
  fiapx submit VIDEO     have a server do it (after 'fiapx login')

Every setting is an environment variable FIAPX_...; 'fiapx doctor' shows what they resolve to.

` + exitHelp

// Groups of commands, as the help shows them.
const (
	groupLocal  = "local"
	groupServer = "server"
	groupClient = "client"
)

func newRoot(c *console) *cobra.Command {
	root := &cobra.Command{
		Use: "fiapx", Short: "Turns videos into frames", Long: rootLong,
		SilenceErrors: true, SilenceUsage: true, SuggestionsMinimumDistance: 2,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{message: err.Error(), command: cmd.CommandPath()}
	})
	root.AddGroup(
		&cobra.Group{ID: groupLocal, Title: "On your own disk:"},
		&cobra.Group{ID: groupServer, Title: "Run a server:"},
		&cobra.Group{ID: groupClient, Title: "Use a server:"},
	)
	addGroup(root, groupLocal, newExtract(c))
	addGroup(root, groupServer, newAll(c), newServeAuth(c), newServeAPI(c), newWork(c), newMigrate(c), newDoctor(c), newAdmin(c), newQueue(c))
	addGroup(root, groupClient, newRegister(c), newLogin(c), newLogout(c), newKeys(c), newCloseAccount(c), newSubmit(c), newJobs(c), newStatus(c),
		newWatch(c), newFrames(c), newDownload(c), newCancel(c), newRetry(c), newAttempts(c), newDelete(c), newSmoke(c))
	addGroup(root, "", newVersion(c), newChild())
	return root
}

func addGroup(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, cmd := range commands {
		cmd.GroupID = group
		root.AddCommand(cmd)
	}
}

// unknownCommand is the check of the root's arguments: it takes none, so that what is there is a mistyped command.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := "unknown command " + quote(args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		message += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usagef("%s", message)
}

// exactly wants that many arguments, which what describes.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return usagef("%s is missing", what)
		case len(args) > n:
			return usagef("unexpected argument %s", quote(args[n]))
		}
		return nil
	}
}

// nothing wants no arguments.
func nothing(cmd *cobra.Command, args []string) error { return exactly(0, "")(cmd, args) }

func quote(s string) string { return "\"" + s + "\"" }

// jsonFlag adds --json to a command that can answer programs.
func (c *console) jsonFlag(cmd *cobra.Command, help string) {
	cmd.Flags().BoolVar(&c.json, "json", false, help)
}

// newChild is listed nowhere; Execute answers it before anything else is set up, so here it only holds the name.
func newChild() *cobra.Command {
	return &cobra.Command{
		Use: processing.ChildCommand, Short: "Decode for a parent process (internal)", Hidden: true, Args: nothing,
		RunE: func(*cobra.Command, []string) error {
			return usagef("%s is for the program itself", processing.ChildCommand)
		},
	}
}
