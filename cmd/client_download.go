package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fiapx/fiapx/cmd/internal/client"
)

func newDownload(c *console) *cobra.Command {
	var out string
	var force bool
	cmd := &cobra.Command{
		Use: "download JOB", Short: "Fetch the archive of a completed job",
		Long: "Fetch the archive of a completed job. A connection that breaks is taken up where it was; the file appears\n" +
			"under its name once it is complete.",
		Example: "  fiapx download 0198c0de-0000-7000-8000-000000000000 -o frames.zip",
		Args:    exactly(1, "JOB"),
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write, or - for standard output (default the name that the server gives)")
	cmd.Flags().BoolVarP(&force, "force", "f", false, "replace what exists")
	return c.clientCommand(cmd, func(ctx context.Context, api *client.Client, args []string) error {
		if out == "-" && c.json {
			return usagef("--json and -o - both want standard output; choose one")
		}
		d, err := api.Download(ctx, args[0])
		if err != nil {
			return err
		}
		defer func() { _ = d.Close() }()
		return c.download(ctx, d, out, force)
	})
}

func (c *console) download(ctx context.Context, d *client.Download, out string, force bool) error {
	if out == "" {
		out = d.Name
	}
	bar := c.meter(d.Size, "downloading")
	defer bar.end()
	if out == "-" {
		return d.CopyTo(ctx, c.out, bar.set)
	}
	if _, err := os.Lstat(out); err == nil && !force {
		return fmt.Errorf("%s exists already; use --force to replace it", out)
	}
	received, err := save(ctx, d, out, bar)
	if err != nil {
		return err
	}
	bar.end()
	if c.json {
		writeJSON(c.out, map[string]any{"output": out, "size": received})
		return nil
	}
	fmt.Fprintf(c.out, "%s: %s\n", out, size(received))
	return nil
}

func save(ctx context.Context, d *client.Download, out string, bar *meter) (received int64, err error) {
	part := hidden(out)
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return 0, noRoom(out, err)
	}
	err = d.CopyTo(ctx, file, func(n int64) {
		received = n
		bar.set(n)
	})
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(part, out)
	}
	if err != nil {
		_ = os.Remove(part)
	}
	return received, err
}
