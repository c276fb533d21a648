package cmd

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/client"
	"github.com/fiapx/fiapx/cmd/internal/smoke"
)

type smokeFlags struct {
	email   string
	timeout time.Duration
}

const smokeHelp = `Try an installation as its users do: make an account, upload a tiny video that is part of this program, wait for its
frames, download them, compare them with what the video shows, then delete the job and close the account. A deployment ends
with it. Your own session is neither used nor touched.

With --token (FIAPX_TOKEN) the job is made with that API key, which needs the scopes videos:read and videos:write, and no account is
made. Servers that want confirmed addresses (FIAPX_VERIFY_EMAIL) can be tried in this way only.

` + exitHelp

func newSmoke(c *console) *cobra.Command {
	var f smokeFlags
	cmd := &cobra.Command{
		Use: "smoke", Short: "Try an installation from account to download, and leave nothing behind",
		Long:    smokeHelp,
		Example: "  fiapx smoke --server https://frames.example.com\n  FIAPX_TOKEN=fiapx_... fiapx smoke --server https://frames.example.com --json",
		Args:    nothing,
	}
	r := c.remote(cmd)
	cmd.Flags().StringVar(&f.email, "email", "", "address of the account (default one at example.com, which receives no mail)")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 3*time.Minute, "how long everything may take together")
	c.jsonFlag(cmd, "print the result as JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if f.timeout <= 0 {
			return usagef("--timeout must be longer than nothing, such as 3m")
		}
		return r.smoke(cmd.Context(), f)
	}
	return cmd
}

// smoke keeps the session of the account in a folder of its own.
func (r *remote) smoke(ctx context.Context, f smokeFlags) error {
	dir, err := os.MkdirTemp("", "fiapx-smoke-")
	if err != nil {
		return fmt.Errorf("make a folder for the test video; set TMPDIR to one that can be written to: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	api, err := r.connectWith(client.Store{Dir: dir})
	if err != nil {
		return err
	}
	o := smoke.Options{Client: api, Dir: dir, Now: time.Now}
	if r.setting(r.token, "FIAPX_TOKEN") == "" {
		o.Account = throwAway(f.email)
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	steps, err := smoke.Run(ctx, o)
	return r.smoked(api.Server(), steps, err)
}

// throwAway makes up an account. example.com has no mail server (RFC 2606, RFC 7505), so that nobody receives its mails.
func throwAway(email string) *client.Account {
	name := "smoke-" + strings.ToLower(rand.Text()[:12])
	if email == "" {
		email = name + "@example.com"
	}
	return &client.Account{Email: email, Username: name, Password: rand.Text(), FirstName: "Smoke", LastName: "Test"}
}

// smoked reports the run; with --json as one line, whatever its outcome.
func (r *remote) smoked(server string, steps []smoke.Step, err error) error {
	if r.json {
		result := map[string]any{"server": server, "ok": err == nil, "steps": steps}
		if err != nil {
			result["error"] = map[string]any{"code": errorCode(err), "message": sentence(err)}
		}
		writeJSON(r.out, result)
		if err != nil {
			report(r.err, err)
			return &codeError{code: exitCode(err)}
		}
		return nil
	}
	for _, s := range steps {
		word := "ok"
		if !s.OK {
			word = "FAILED"
		}
		fmt.Fprintf(r.out, "%-14s %-6s %6.2f s\n", s.Name, word, s.Seconds)
	}
	if err == nil {
		fmt.Fprintf(r.out, "%s works.\n", server)
	}
	return err
}
