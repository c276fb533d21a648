// Command benchauth measures fiapx serve-auth from outside and writes a Markdown page. tools/bench-auth builds the program first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

type options struct {
	root, out, note string
	length          time.Duration
	clients         int
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", ".", "the repository")
	flag.StringVar(&o.out, "out", "docs/auth-bench.md", "page to write, below the repository")
	flag.StringVar(&o.note, "note", "", "what a reader must know about the machine")
	flag.DurationVar(&o.length, "for", 10*time.Second, "length of one measurement")
	flag.IntVar(&o.clients, "clients", 8, "clients at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "benchauth:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	plain, err := plainCosts(ctx, o.root)
	if err != nil {
		return err
	}
	var rows []row
	for _, database := range []struct{ name, url string }{{"SQLite", ""}, {"PostgreSQL", os.Getenv("FIAPX_BENCH_POSTGRES")}} {
		if database.name == "PostgreSQL" && database.url == "" {
			fmt.Fprintln(os.Stderr, "PostgreSQL is left out: set FIAPX_BENCH_POSTGRES to its URL")
			continue
		}
		measured, err := measure(ctx, o, database.name, database.url)
		if err != nil {
			return fmt.Errorf("%s: %w", database.name, err)
		}
		rows = append(rows, measured...)
	}
	return os.WriteFile(filepath.Join(o.root, o.out), []byte(page(o, plain, rows)), 0o644)
}

func page(o options, plain costs, rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Sign-ins and validations: measurements

Made by `+"`./tools/bench-auth`"+` on %s: %s, %d logical CPUs, %s. %d clients at once, %s a row, over HTTP on the same machine; the
clients' own work is not counted. "Per core" divides by the processor time that the server used.%s

| Database | Work | a second | p50 | p99 | processor time each | a second and core | refused (503) |
|---|---|---:|---:|---:|---:|---:|---:|
`, time.Now().UTC().Format("2 January 2006"), machine(), runtime.NumCPU(), runtime.Version(), o.clients, o.length, sentence(o.note))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %.0f | %s | %s | %s | %.0f | %d |\n", r.database, r.work,
			float64(r.done)/r.took.Seconds(), ms(r.p50), ms(r.p99), ms(r.each()), 1/r.each().Seconds(), r.refused)
	}
	fmt.Fprintf(&b, `
What the same machine needs for the bare work, in one goroutine and without a server (`+"`go test -bench`"+`, wall time):

| Work | time each | a second and core |
|---|---:|---:|
`)
	for _, name := range plain.names {
		fmt.Fprintf(&b, "| %s | %s | %.0f |\n", name, ms(plain.each[name]), 1/plain.each[name].Seconds())
	}
	b.WriteString(`
A sign-in costs little beside its hash: that is meant, and why hashes are bounded (see [security.md](security.md#passwords)).
` + "`/auth/validate`" + ` asks the database for session and account; other services verify offline with the published keys, which is the
"access token, offline" row, one question to the cache in memory included.
`)
	return b.String()
}

func sentence(note string) string {
	if note == "" {
		return ""
	}
	return " **" + note + "**"
}

func ms(d time.Duration) string { return fmt.Sprintf("%.3g ms", float64(d)/float64(time.Millisecond)) }

func machine() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

var errNothing = errors.New("nothing was measured")
