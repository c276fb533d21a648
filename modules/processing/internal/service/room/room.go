// Package room tells how much memory is left for more work: what the cgroup of the process still grants, or what the
// machine has, whichever is less. It reads Linux' files; elsewhere, and where they cannot be read, it says that it does not
// know, and nothing is held back.
package room

import (
	"bufio"
	"bytes"
	"io/fs"
	"strconv"
	"strings"
)

// The files, relative to the root of the file system. In a container the cgroup of the process is mounted as the root of
// all; with the other version of cgroups, or outside, only the machine's figure counts.
const (
	limitFile = "sys/fs/cgroup/memory.max"
	usedFile  = "sys/fs/cgroup/memory.current"
	statFile  = "sys/fs/cgroup/memory.stat"
	memFile   = "proc/meminfo"
)

// Free is the memory for more work in bytes; ok is false when it is not known.
func Free(root fs.FS) (bytes int64, ok bool) {
	machine, known := table(root, memFile)["MemAvailable:"]
	bytes, ok = machine*1024, known // the file is in KiB
	group, limited := grant(root)
	if limited && (!ok || group < bytes) {
		return group, true
	}
	return bytes, ok
}

// grant is what the cgroup has left. Pages of files that nobody has used lately are given up before anything fails.
func grant(root fs.FS) (int64, bool) {
	limit, ok := number(root, limitFile) // "max" is no number
	if !ok {
		return 0, false
	}
	used, ok := number(root, usedFile)
	if !ok {
		return 0, false
	}
	return max(0, limit-used+table(root, statFile)["inactive_file"]), true
}

func number(root fs.FS, name string) (int64, bool) {
	raw, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
	return n, err == nil
}

// table reads lines of a name and a number.
func table(root fs.FS, name string) map[string]int64 {
	raw, err := fs.ReadFile(root, name)
	if err != nil {
		return nil
	}
	values := map[string]int64{}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		if n, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
			values[fields[0]] = n
		}
	}
	return values
}
