package archive

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

const tableName = "manifest.csv"

// columns of the table; they are the manifest's, in this order for good.
var columns = []string{"name", "instant", "pts", "source_frame", "type", "width", "height", "bytes", "sha256"}

// writeTable writes what the manifest says of the images as RFC 4180 wants it.
func (m *manifest) writeTable(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(columns); err != nil {
		return err
	}
	lines := bufio.NewScanner(m.lines.reader())
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("read back a line: %w", err)
		}
		if err := out.Write(l.record()); err != nil {
			return err
		}
	}
	out.Flush()
	if err := lines.Err(); err != nil {
		return err
	}
	return out.Error()
}

func (l line) record() []string {
	frame := ""
	if l.Frame != nil {
		frame = strconv.Itoa(*l.Frame)
	}
	return []string{
		l.Name, decimal(l.Instant), decimal(l.PTS), frame, l.Type,
		strconv.Itoa(l.Width), strconv.Itoa(l.Height), strconv.Itoa(l.Size), l.SHA256,
	}
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
