// Package host tells how busy the machine is, from Linux' /proc. Elsewhere, and where /proc cannot be read, it says
// nothing rather than something made up.
package host

import (
	"bufio"
	"bytes"
	"io/fs"
	"math"
	"strconv"
	"strings"
	"sync"
)

// Host reads a /proc file system. Safe for concurrent use.
type Host struct {
	proc fs.FS

	mu         sync.Mutex
	busy, time uint64  // of the last reading
	cpu        float64 // percent, between the last two readings
}

// New returns a host over proc, os.DirFS("/proc") in production.
func New(proc fs.FS) *Host { return &Host{proc: proc} }

// CPU is the share of time that the processors worked since the last call (since boot at first), in percent.
func (h *Host) CPU() *float64 {
	raw, err := fs.ReadFile(h.proc, "stat")
	if err != nil {
		return nil
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	busy, total, ok := parseCPU(line)
	if !ok {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if total > h.time && busy >= h.busy {
		h.cpu = percent(busy-h.busy, total-h.time)
		h.busy, h.time = busy, total
	}
	value := h.cpu
	return &value
}

// parseCPU reads "cpu user nice system idle iowait irq softirq steal guest guest_nice"; guest time is in user already.
func parseCPU(line string) (busy, total uint64, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 6 || fields[0] != "cpu" {
		return 0, 0, false
	}
	for i, f := range fields[1:min(len(fields), 9)] {
		n, err := strconv.ParseUint(f, 10, 64)
		if err != nil {
			return 0, 0, false
		}
		total += n
		if i != 3 && i != 4 { // idle and iowait
			busy += n
		}
	}
	return busy, total, true
}

// Memory is the share of memory that is not available to new work, in percent.
func (h *Host) Memory() *float64 {
	raw, err := fs.ReadFile(h.proc, "meminfo")
	if err != nil {
		return nil
	}
	values := map[string]uint64{}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		if n, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
			values[strings.TrimSuffix(fields[0], ":")] = n
		}
	}
	total, available := values["MemTotal"], values["MemAvailable"]
	if total == 0 || available > total {
		return nil
	}
	value := percent(total-available, total)
	return &value
}

func percent(part, whole uint64) float64 {
	return math.Round(float64(part)/float64(whole)*10000) / 100
}
