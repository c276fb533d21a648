package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/client"
)

func newRegister(c *console) *cobra.Command {
	var a client.Account
	var stdin bool
	cmd := &cobra.Command{
		Use: "register", Short: "Create an account on a server",
		Long:    "Create an account. The password is asked for, or read from standard input with --password-stdin.",
		Example: "  fiapx register --email ana@example.com --username ana --first-name Ana --last-name Souza",
		Args:    nothing,
	}
	flags := cmd.Flags()
	flags.StringVar(&a.Email, "email", "", "e-mail address")
	flags.StringVar(&a.Username, "username", "", "name to log in with, 3 to 30 letters, digits, - or _")
	flags.StringVar(&a.FirstName, "first-name", "", "first name")
	flags.StringVar(&a.LastName, "last-name", "", "last name")
	flags.BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, _ []string) error {
		if err := c.complete(&a); err != nil {
			return err
		}
		var err error
		if a.Password, err = c.password(stdin); err != nil {
			return err
		}
		raw, err := api.Register(ctx, a)
		if err != nil {
			return err
		}
		c.answer(raw, "Account %s created at %s; log in with: fiapx login %s", a.Username, api.Server(), a.Username)
		return nil
	})
}

// complete asks for what the flags left out.
func (c *console) complete(a *client.Account) error {
	for _, field := range []struct {
		value *string
		flag  string
	}{{&a.Email, "--email"}, {&a.Username, "--username"}, {&a.FirstName, "--first-name"}, {&a.LastName, "--last-name"}} {
		if *field.value != "" {
			continue
		}
		var err error
		if *field.value, err = c.ask(field.flag); err != nil {
			return err
		}
	}
	return nil
}

func newLogin(c *console) *cobra.Command {
	var remember, stdin bool
	cmd := &cobra.Command{
		Use: "login [EMAIL|USERNAME]", Short: "Open a session on a server",
		Long:    "Open a session and keep it for the commands that follow. Its file is readable by you alone.",
		Example: "  fiapx login ana --server https://frames.example.com\n  fiapx login ana --password-stdin < secret",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("unexpected argument %s", quote(args[1]))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&remember, "remember", false, "keep the session for longer")
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		identifier, err := c.identifier(args)
		if err != nil {
			return err
		}
		password, err := c.password(stdin)
		if err != nil {
			return err
		}
		username, err := api.Login(ctx, identifier, password, remember)
		if err != nil {
			return err
		}
		if c.json { // not the server's answer: it holds the tokens
			writeJSON(c.out, map[string]string{"server": api.Server(), "username": username})
			return nil
		}
		fmt.Fprintf(c.out, "Logged in to %s as %s.\n", api.Server(), username)
		return nil
	})
}

func (c *console) identifier(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	return c.ask("EMAIL or USERNAME")
}

func newLogout(c *console) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "logout", Short: "End the session on a server",
		Long:    "End the session, on the server and here. With --all every session of yours ends, also those in browsers.",
		Example: "  fiapx logout\n  fiapx logout --all",
		Args:    nothing,
	}
	cmd.Flags().BoolVar(&all, "all", false, "end all of your sessions")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, _ []string) error {
		if err := api.Logout(ctx, all); err != nil {
			return err
		}
		if c.json {
			writeJSON(c.out, map[string]string{"server": api.Server()})
			return nil
		}
		fmt.Fprintf(c.out, "Logged out of %s.\n", api.Server())
		return nil
	})
}
