package cmd

import (
	"strings"
	"text/tabwriter"
)

// columns lays rows out under each other; tabs separate their cells. The first row is the heading.
func columns(rows ...string) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	_, _ = w.Write([]byte(strings.Join(rows, "\n") + "\n"))
	_ = w.Flush()
	return strings.TrimRight(text.String(), "\n")
}
