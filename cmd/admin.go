package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/app"
	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/platform/fault"
)

const adminHelp = `
Works on the database itself: FIAPX_DATABASE_URL, or the SQLite files of the data folder. Servers that run meanwhile notice
within five seconds. Everything done here is in the audit log.`

func newAdmin(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "admin", Short: "Administrators, users and signing keys, from the machine of the database",
		Long:    "Make administrators, list and block users, rotate the signing keys.\n" + adminHelp,
		Example: "  fiapx admin create --email ana@example.com\n  fiapx admin list --status blocked\n  fiapx admin block mallory",
		Args:    nothing,
		RunE: func(*cobra.Command, []string) error {
			return usagef("say what to do: create, demote, list, block, unblock or rotate-keys")
		},
	}
	cmd.AddCommand(newAdminCreate(c), newAdminList(c), newRotateKeys(c),
		c.adminChange("demote", "Make an administrator a user like any other",
			"Take the role of an administrator away and end the sessions of that user.", (*auth.Operator).Demote, "is an administrator no longer"),
		c.adminChange("block", "Keep a user out",
			"Keep a user out: the account cannot sign in, its sessions end, and its API keys do nothing.", (*auth.Operator).Block, "is blocked"),
		c.adminChange("unblock", "Let a user in again",
			"Let a user in again. Sessions stay over; API keys work again.", (*auth.Operator).Unblock, "can sign in again"))
	return cmd
}

// adminCommand gives a command the flags that all of them share, and the operator.
func (c *console) adminCommand(cmd *cobra.Command, run func(ctx context.Context, o *auth.Operator, args []string) error) *cobra.Command {
	var data string
	cmd.Long += "\n" + adminHelp
	cmd.Flags().StringVar(&data, "data", "", "data folder of SQLite files (FIAPX_DATA; default ~/.local/share/fiapx)")
	c.jsonFlag(cmd, "print accounts as JSON, one a line")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, log, err := c.configure(app.Target{}, app.Overrides{Data: data})
		if err != nil {
			return err
		}
		return operator(app.Operate(cmd.Context(), cfg, log, func(o *auth.Operator) error { return run(cmd.Context(), o, args) }))
	}
	return cmd
}

func (c *console) adminChange(
	name, short, long string, change func(*auth.Operator, context.Context, string) (auth.User, error), said string,
) *cobra.Command {
	cmd := &cobra.Command{
		Use: name + " USER", Short: short, Long: long + " USER is an e-mail, a username or an id.",
		Example: "  fiapx admin " + name + " ana@example.com", Args: exactly(1, "USER"),
	}
	return c.adminCommand(cmd, func(ctx context.Context, o *auth.Operator, args []string) error {
		account, err := change(o, ctx, args[0])
		if err != nil {
			return err
		}
		c.account(account, said)
		return nil
	})
}

func (c *console) account(a auth.User, said string) {
	if c.json {
		writeJSON(c.out, a)
		return
	}
	fmt.Fprintf(c.out, "%s (%s) %s.\n", a.Username, shown(a.Email), said)
}

func newAdminCreate(c *console) *cobra.Command {
	var in auth.NewAccount
	var stdin bool
	cmd := &cobra.Command{
		Use: "create", Short: "Make an administrator: a new account, or the one with that e-mail",
		Long: "Make an administrator. An account that has the e-mail address already is promoted, and keeps its password. Otherwise one\n" +
			"is made, and its password is asked for, or read from standard input with --password-stdin.",
		Example: "  fiapx admin create --email ana@example.com\n  fiapx admin create --email ana@example.com --username ana --password-stdin < secret",
		Args:    nothing,
	}
	flags := cmd.Flags()
	flags.StringVar(&in.Email, "email", "", "e-mail address of the administrator")
	flags.StringVar(&in.Username, "username", "", "name to log in with (default the part of the e-mail before the @)")
	flags.StringVar(&in.FirstName, "first-name", "", "first name (default the username)")
	flags.StringVar(&in.LastName, "last-name", "Administrator", "last name")
	flags.BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return c.adminCommand(cmd, func(ctx context.Context, o *auth.Operator, _ []string) error {
		if in.Email == "" {
			return usagef("--email is missing")
		}
		account, err := o.Find(ctx, in.Email)
		switch {
		case err == nil:
			account, err = o.Promote(ctx, account.ID)
		case fault.KindOf(err) == fault.NotFound:
			account, err = c.createAdmin(ctx, o, in, stdin)
		}
		if err != nil {
			return err
		}
		c.account(account, "is an administrator")
		return nil
	})
}

func (c *console) createAdmin(ctx context.Context, o *auth.Operator, in auth.NewAccount, stdin bool) (a auth.User, err error) {
	if in.Username == "" {
		in.Username, _, _ = strings.Cut(in.Email, "@")
	}
	if in.FirstName == "" {
		in.FirstName = in.Username
	}
	if in.Password, err = c.password(stdin); err != nil {
		return a, err
	}
	return o.CreateAdmin(ctx, in)
}

func newAdminList(c *console) *cobra.Command {
	var text, status string
	cmd := &cobra.Command{
		Use: "list", Short: "List users", Long: "List users, the newest first.",
		Example: "  fiapx admin list\n  fiapx admin list --search example.com --status blocked", Args: nothing,
	}
	cmd.Flags().StringVar(&text, "search", "", "only those with this in their e-mail, username or name")
	cmd.Flags().StringVar(&status, "status", "", "only active, inactive or blocked ones")
	return c.adminCommand(cmd, func(ctx context.Context, o *auth.Operator, _ []string) error {
		if c.json {
			return o.Each(ctx, text, status, func(a auth.User) { writeJSON(c.out, a) })
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tE-MAIL\tUSERNAME\tROLE\tSTATUS\tCREATED\tLAST LOGIN")
		err := o.Each(ctx, text, status, func(a auth.User) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, shown(a.Email), a.Username, a.Role, a.Status, moment(&a.CreatedAt), moment(a.LastLogin))
		})
		return errors.Join(err, w.Flush())
	})
}
