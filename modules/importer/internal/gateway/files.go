// Package gateway hands what the original kept to auth and videos, and finds its files.
package gateway

import (
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/fiapx/fiapx/modules/importer/internal/domain"
)

// Files is the folder of the original's storage, with its folders videos and results; without a Root there is none.
// Nothing outside of it is ever opened, whatever a row says: neither by "..", nor by a link, nor as somebody else's file.
type Files struct {
	Root  *os.Root
	Moved func(bytes int) // called for every piece that was read
}

// Find looks for KIND/USER/NAME, which is how every path of the original ends, wherever its storage was.
func (f *Files) Find(kind domain.Kind, userID, stored string, size *int64) (*domain.File, *domain.Note) {
	if f.Root == nil {
		return nil, nil
	}
	if stored == "" {
		return nil, note("importer.no_path", "The row names no file in %s.", kind)
	}
	parts := strings.Split(stored, "/")
	if slices.Contains(parts, "..") || strings.ContainsAny(stored, "\\\x00") || len(parts) < 3 {
		return nil, note("importer.bad_path", "The path of its file in %s leaves the storage, so it is not followed.", kind)
	}
	parts = parts[len(parts)-3:]
	if parts[0] != string(kind) || !strings.EqualFold(parts[1], userID) || parts[2] == "" || parts[2] == "." {
		return nil, note("importer.bad_path", "The path of its file is not %s/USER/NAME with its owner's id, so it is not followed.", kind)
	}
	name := path.Join(parts...)
	info, err := f.Root.Lstat(name)
	switch {
	case err != nil:
		return nil, note("importer.no_file", "Its file %s is not there.", name)
	case !info.Mode().IsRegular():
		return nil, note("importer.bad_file", "%s is no regular file.", name)
	case size != nil && info.Size() != *size:
		return nil, note("importer.bad_size", "%s has %d bytes, and the row says %d.", name, info.Size(), *size)
	}
	return &domain.File{Path: name, Size: info.Size()}, nil
}

func note(code, format string, args ...any) *domain.Note {
	return &domain.Note{Code: code, Message: fmt.Sprintf(format, args...)}
}

// opener reads a found file; nil for one that is missing.
func (f *Files) opener(file *domain.File) func() (io.ReadCloser, error) {
	if file == nil {
		return nil
	}
	return func() (io.ReadCloser, error) {
		opened, err := f.Root.Open(file.Path)
		if err != nil {
			return nil, err
		}
		return &counted{opened, f.Moved}, nil
	}
}

type counted struct {
	*os.File
	moved func(bytes int)
}

// Read is part of io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.File.Read(p)
	c.moved(n)
	return n, err
}
