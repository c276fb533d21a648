// Package blocklist knows the passwords, names and words that guessing programs try first. The list ships with the program as a
// filter that answers without a network and cannot be read back; an operator may add a list. What makes a password bad
// beyond being listed is the domain's business.
package blocklist

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/FastFilter/xorfilter"
)

// words is made by tools/password-filter; docs/security.md tells from what.
//
//go:embed words.filter
var words []byte

// List is safe for concurrent use. It contains every listed word, and one in 65,536 that is not.
type List struct {
	filters []*xorfilter.BinaryFuse[uint16]
}

// Open reads the list that ships with the program.
func Open() (*List, error) {
	filter, err := xorfilter.LoadBinaryFuse[uint16](bytes.NewReader(words))
	if err != nil {
		return nil, fmt.Errorf("list of common passwords: %w", err)
	}
	return &List{filters: []*xorfilter.BinaryFuse[uint16]{filter}}, nil
}

// Contains looks up a word in lower case.
func (l *List) Contains(word string) bool {
	k := key(word)
	return slices.ContainsFunc(l.filters, func(f *xorfilter.BinaryFuse[uint16]) bool { return f.Contains(k) })
}

// longest is the longest line that is read of an operator's list; passwords are shorter.
const longest = 4096

// Add reads another list: a file with one password a line. It takes 8 bytes of memory a line while it reads, and 2.3
// afterwards.
func (l *List) Add(path string) (lines int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("list of passwords: %w", err)
	}
	defer file.Close()
	var keys []uint64
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, longest)
	for scanner.Scan() {
		if word := strings.ToLower(strings.TrimRight(scanner.Text(), "\r")); word != "" {
			keys = append(keys, key(word))
		}
	}
	if err := scanner.Err(); err != nil {
		return 0, fmt.Errorf("list of passwords %s: %w", path, err)
	}
	if len(keys) == 0 {
		return 0, fmt.Errorf("list of passwords %s is empty; it has one password a line", path)
	}
	slices.Sort(keys)
	filter, err := xorfilter.NewBinaryFuse[uint16](slices.Compact(keys))
	if err != nil {
		return 0, fmt.Errorf("list of passwords %s: %w", path, err)
	}
	l.filters = append(l.filters, filter)
	return len(keys), nil
}

func key(word string) uint64 {
	sum := sha256.Sum256([]byte(word))
	return binary.LittleEndian.Uint64(sum[:8])
}
