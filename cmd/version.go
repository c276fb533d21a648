package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what the program knows of its own making.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Time     string `json:"time,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func currentBuild() build {
	b := build{Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "vcs.time":
			b.Time = s.Value
		}
	}
	return b
}

func newVersion(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Show which build this is",
		Long:    "Show the version of this build, the revision it was made from, and the Go release that made it.",
		Example: "  fiapx version\n  fiapx version --json",
		Args:    nothing,
		RunE: func(*cobra.Command, []string) error {
			b := currentBuild()
			if c.json {
				writeJSON(c.out, b)
				return nil
			}
			fmt.Fprintf(c.out, "fiapx %s (%s, %s)\n", b.Version, b.Go, b.Platform)
			if b.Revision != "" {
				fmt.Fprintf(c.out, "revision %s of %s\n", b.Revision, b.Time)
			}
			return nil
		},
	}
	c.jsonFlag(cmd, "print one JSON object")
	return cmd
}
