package cmd

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/fiapx/fiapx/cmd/internal/app"
)

// importLine says on standard error how far an import is, once it takes longer than a second: on a terminal in one line
// that is written over, elsewhere in a line now and then.
type importLine struct {
	out      io.Writer
	terminal bool
	start    time.Time

	mu       sync.Mutex
	told     time.Time
	accounts int
	jobs     int
	bytes    int64
	applying bool
}

const (
	patience = time.Second
	redraw   = 200 * time.Millisecond
	relate   = 10 * time.Second
)

func newImportLine(c *console) *importLine {
	return &importLine{out: c.err, terminal: isTerminal(c.err), start: time.Now()}
}

func (l *importLine) tell(accounts, jobs int, applying bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts, l.jobs, l.applying = accounts, jobs, applying
	l.draw()
}

func (l *importLine) moved(bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes += int64(bytes)
	l.draw()
}

func (l *importLine) draw() {
	now, pause := time.Now(), relate
	if l.terminal {
		pause = redraw
	}
	if now.Sub(l.start) < patience || now.Sub(l.told) < pause {
		return
	}
	l.told = now
	doing, begin, end := "looked at", "", "\n"
	if l.applying {
		doing = "moving"
	}
	if l.terminal {
		begin, end = "\r\x1b[K", ""
	}
	fmt.Fprintf(l.out, "%s%s: %d accounts, %d jobs, %.1f MB of files copied%s", begin, doing, l.accounts, l.jobs, float64(l.bytes)/1e6, end)
}

func (l *importLine) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.terminal && !l.told.IsZero() {
		fmt.Fprint(l.out, "\r\x1b[K")
	}
}

func (c *console) importReport(r app.ImportReport, retentionDays int) {
	if c.json {
		writeJSON(c.out, r)
		return
	}
	for _, f := range r.Findings {
		mark := "note   "
		if f.Refused {
			mark = "REFUSED"
		}
		fmt.Fprintf(c.out, "%s  %s %s: %s (%s)\n", mark, f.Table, f.ID, f.Message, f.Code)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tfound\tnew\there already\tfiles came later\trefused\t")
	fmt.Fprintf(w, "accounts\t%d\t%d\t%d\t%d\t%d\t\n", r.Accounts.Found, r.Accounts.New, r.Accounts.Known, r.Accounts.Later, r.Accounts.Refused)
	fmt.Fprintf(w, "jobs\t%d\t%d\t%d\t%d\t%d\t\n", r.Jobs.Found, r.Jobs.New, r.Jobs.Known, r.Jobs.Later, r.Jobs.Refused)
	_ = w.Flush()
	for _, status := range slices.Sorted(maps.Keys(r.Statuses)) {
		fmt.Fprintf(c.out, "  new jobs that are %s here: %d\n", status, r.Statuses[status])
	}
	fmt.Fprintf(c.out, "  videos: %d with %.1f MB, %d missing\n", r.Videos.Found, float64(r.Videos.Bytes)/1e6, r.Videos.Missing)
	fmt.Fprintf(c.out, "  archives: %d with %.1f MB, %d missing\n", r.Archives.Found, float64(r.Archives.Bytes)/1e6, r.Archives.Missing)
	if r.Expiring > 0 {
		fmt.Fprintf(c.out, "%d of the new jobs ended more than %d days ago: a server deletes them with their files soon after its start. Set\n"+
			"FIAPX_RETENTION_DAYS to more, or to 0 to keep everything.\n", r.Expiring, retentionDays)
	}
	if !r.Applied {
		fmt.Fprintln(c.out, "Nothing was written.")
	}
}
