// Command passwords turns word lists into the filter that modules/auth/internal/service/blocklist embeds. It reads what
// tools/password-filter has fetched: JSON arrays of strings (.json) and plain lists (.txt) with comments behind #.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/FastFilter/xorfilter"
)

// shortest is the length from which a word counts: shorter ones are inside too many innocent passwords.
const shortest = 4

func main() {
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "passwords:", err)
		os.Exit(1)
	}
}

func run(out string, sources []string) error {
	words := map[string]bool{}
	for _, path := range sources {
		list, err := read(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		before := len(words)
		for _, w := range list {
			if w = strings.ToLower(strings.TrimSpace(w)); utf8.RuneCountInString(w) >= shortest {
				words[w] = true
			}
		}
		fmt.Printf("%-24s %7d words, %7d of them new\n", filepath.Base(path), len(list), len(words)-before)
	}
	data, err := build(words)
	if err != nil {
		return err
	}
	fmt.Printf("%d words in %d bytes, %.1f bits each\n", len(words), len(data), 8*float64(len(data))/float64(len(words)))
	return os.WriteFile(out, data, 0o644)
}

func read(path string) (list []string, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(path) == ".json" {
		err = json.Unmarshal(data, &list)
		return list, err
	}
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list, nil
}

// build sorts first: the same words give the same bytes.
func build(words map[string]bool) ([]byte, error) {
	keys := make([]uint64, 0, len(words))
	for _, w := range slices.Sorted(maps.Keys(words)) {
		sum := sha256.Sum256([]byte(w))
		keys = append(keys, binary.LittleEndian.Uint64(sum[:8]))
	}
	filter, err := xorfilter.NewBinaryFuse[uint16](keys)
	if err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	err = filter.Save(&buffer)
	return buffer.Bytes(), err
}
