package blob

import (
	"strings"

	"github.com/fiapx/fiapx/platform/fault"
)

// ErrKey says that a key is not one that we would make.
var ErrKey = fault.New(fault.Invalid, "blob.invalid_key", "The name of the file is not valid.")

// Limits that disks and buckets alike accept.
const (
	maxKey     = 1024
	maxElement = 255
)

// CheckKey refuses with ErrKey what could mean something else to a disk, a bucket or a URL: only elements of ASCII
// letters, digits, "-", "_" and "." that do not begin with a dot, with single slashes between them.
func CheckKey(key string) error {
	if key == "" || len(key) > maxKey {
		return ErrKey
	}
	for element := range strings.SplitSeq(key, "/") {
		if element == "" || len(element) > maxElement || element[0] == '.' || strings.ContainsFunc(element, foreign) {
			return ErrKey
		}
	}
	return nil
}

// CheckPrefix is CheckKey for List: empty is allowed, and one slash at the end. It returns the prefix without that.
func CheckPrefix(prefix string) (string, error) {
	if prefix == "" {
		return "", nil
	}
	prefix = strings.TrimSuffix(prefix, "/")
	return prefix, CheckKey(prefix)
}

func foreign(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return r != '-' && r != '_' && r != '.'
}
