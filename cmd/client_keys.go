package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/client"
)

func newKeys(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "keys", Short: "Make, list and revoke API keys for scripts",
		Long: "Make, list and revoke API keys. A script sets FIAPX_TOKEN to one, or sends it as \"Authorization: Bearer KEY\". Keys\n" +
			"reach no further than their scopes, and never to passwords or other keys.",
		Example: "  export FIAPX_TOKEN=$(fiapx keys create nightly --expires 90d)\n  fiapx keys list\n  fiapx keys revoke 0198c0de-0000-7000-8000-000000000000",
		Args:    nothing,
		RunE:    func(*cobra.Command, []string) error { return usagef("say what to do: create, list or revoke") },
	}
	cmd.AddCommand(newKeysCreate(c), newKeysList(c), newKeysRevoke(c))
	return cmd
}

func newKeysCreate(c *console) *cobra.Command {
	k := client.NewKey{}
	var expires string
	var stdin bool
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Make an API key and print it, this once",
		Long:    "Make an API key. It is printed on standard output, this once. Your password is asked for, or read from standard input.",
		Example: "  fiapx keys create nightly\n  fiapx keys create dashboard --scope videos:read --expires 90d --password-stdin < secret",
		Args:    exactly(1, "NAME"),
	}
	cmd.Flags().StringSliceVar(&k.Scopes, "scope", []string{"videos:read", "videos:write"}, "what it is for: videos:read, videos:write, account:read, admin")
	cmd.Flags().StringVar(&expires, "expires", "", "when it ends: a time like 90d or 12h from now, or a date like 2030-01-31 (default never)")
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read your password from standard input")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		var err error
		if k.Expires, err = parseExpiry(expires, time.Now()); err != nil {
			return err
		}
		if k.Password, err = c.password(stdin); err != nil {
			return err
		}
		k.Name = args[0]
		key, raw, err := api.CreateKey(ctx, k)
		if err != nil {
			return err
		}
		if isTerminal(c.out) {
			fmt.Fprintln(c.err, "Keep it now: it is not shown again.")
		}
		c.answer(raw, "%s", key)
		return nil
	})
}

// parseExpiry reads a time from now in days or as Go writes it, or a date; empty is never.
func parseExpiry(s string, now time.Time) (*time.Time, error) {
	if s == "" {
		return nil, nil
	}
	if date, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		return &date, nil
	}
	after, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		if _, err = fmt.Sscanf(days+"\n", "%d\n", &n); err == nil {
			after = time.Duration(n) * 24 * time.Hour
		}
	}
	if err != nil || after <= 0 {
		return nil, usagef("--expires: %s is neither a time like 90d or 12h nor a date like 2030-01-31", quote(s))
	}
	end := now.Add(after)
	return &end, nil
}

func newKeysList(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List your API keys", Long: "List your API keys, the newest first. The keys themselves cannot be shown again.",
		Example: "  fiapx keys list", Args: nothing,
	}
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, _ []string) error {
		keys, raw, err := api.Keys(ctx)
		if err != nil {
			return err
		}
		c.answer(raw, "%s", keyTable(keys))
		return nil
	})
}

func keyTable(keys []client.Key) string {
	if len(keys) == 0 {
		return "No API keys."
	}
	rows := []string{"ID\tNAME\tKEY\tSCOPES\tLAST USED\tEXPIRES"}
	for _, k := range keys {
		cells := []string{k.ID, shown(k.Name), k.Hint + "…", strings.Join(k.Scopes, ","), moment(k.LastUsed), moment(k.Expires)}
		rows = append(rows, strings.Join(cells, "\t"))
	}
	return columns(rows...)
}

func moment(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Local().Format(time.DateTime)
}

func newKeysRevoke(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke ID", Short: "Revoke an API key",
		Long:    "Revoke an API key. Within five seconds no server accepts it any more.",
		Example: "  fiapx keys revoke 0198c0de-0000-7000-8000-000000000000", Args: exactly(1, "ID"),
	}
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		raw, err := api.RevokeKey(ctx, args[0])
		if err != nil {
			return err
		}
		c.answer(raw, "Key %s revoked.", args[0])
		return nil
	})
}
