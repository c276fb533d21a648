package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/fiapx/fiapx/cmd/internal/client"
)

const clientHelp = `
The server is the one of --server, of FIAPX_SERVER, of the last login, or http://localhost:8080, in this order.
The session is kept in your configuration folder and renewed as needed. A script has no session: it sets FIAPX_TOKEN to
an API key (see 'fiapx keys'), which takes precedence.

` + exitHelp

// remote is a command that talks to a server.
type remote struct {
	*console
	server string
	auth   string
	token  string
}

// clientCommand gives a command the flags that all commands of a server share.
func (c *console) clientCommand(cmd *cobra.Command, run func(ctx context.Context, api *client.Client, args []string) error) *cobra.Command {
	r := c.remote(cmd)
	cmd.Long += "\n" + clientHelp
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		api, err := r.connect()
		if err != nil {
			return err
		}
		return run(cmd.Context(), api, args)
	}
	c.jsonFlag(cmd, "print the server's answer as JSON")
	return cmd
}

// remote declares the flags that say which server, and who asks.
func (c *console) remote(cmd *cobra.Command) *remote {
	r := &remote{console: c}
	flags := cmd.Flags()
	flags.StringVar(&r.server, "server", "", "address of the server (FIAPX_SERVER)")
	flags.StringVar(&r.auth, "auth-server", "", "address of the accounts, when they are served apart (FIAPX_AUTH_SERVER)")
	flags.StringVar(&r.token, "token", "", "API key or access token instead of a session (FIAPX_TOKEN, which other users of the machine do not see)")
	return r
}

// connect goes on with the session of the last login.
func (r *remote) connect() (*client.Client, error) {
	store, err := client.DefaultStore()
	if err != nil {
		return nil, err
	}
	return r.connectWith(store)
}

func (r *remote) connectWith(store client.Store) (*client.Client, error) {
	return client.New(client.Options{
		Server: r.setting(r.server, "FIAPX_SERVER"), Auth: r.setting(r.auth, "FIAPX_AUTH_SERVER"),
		Token: strings.TrimSpace(r.setting(r.token, "FIAPX_TOKEN")), Store: store, Now: time.Now,
	})
}

func (r *remote) setting(flag, variable string) string {
	if flag != "" {
		return flag
	}
	value, _ := r.environ(variable)
	return value
}

// answer prints what the server said to programs, or text to people.
func (c *console) answer(raw client.Raw, text string, args ...any) {
	if c.json {
		fmt.Fprintln(c.out, strings.TrimSpace(string(raw)))
		return
	}
	fmt.Fprintf(c.out, text+"\n", args...)
}

// ask reads a line from the terminal.
func (c *console) ask(what string) (string, error) {
	if !isTerminal(c.in) {
		return "", usagef("%s is missing", what)
	}
	fmt.Fprintf(c.err, "%s: ", what)
	line, err := bufio.NewReader(c.in).ReadString('\n')
	if err != nil && line == "" {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// password reads a password without showing it, or from standard input when told so.
func (c *console) password(fromStdin bool) (string, error) {
	if fromStdin {
		text, err := io.ReadAll(io.LimitReader(c.in, 1<<16))
		return strings.TrimRight(string(text), "\r\n"), err
	}
	terminal, ok := c.in.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return "", usagef("there is no terminal to ask for the password; use --password-stdin")
	}
	fmt.Fprint(c.err, "Password: ")
	text, err := term.ReadPassword(int(terminal.Fd()))
	fmt.Fprintln(c.err)
	if err == nil && len(text) == 0 {
		err = errors.New("the password is empty")
	}
	return string(text), err
}
