package disk

import (
	"os"

	"github.com/fiapx/fiapx/platform/blob"
)

// reader is an open object. A replaced or deleted object stays readable through it.
type reader struct {
	file *os.File
	info blob.Info
}

// File lends the file, so that a child process can be given its descriptor; it is closed with the reader.
func (r *reader) File() *os.File { return r.file }

// Info is part of blob.Reader.
func (r *reader) Info() blob.Info { return r.info }

// Read is part of blob.Reader.
func (r *reader) Read(p []byte) (int, error) { return r.file.Read(p) }

// ReadAt is part of blob.Reader.
func (r *reader) ReadAt(p []byte, off int64) (int, error) { return r.file.ReadAt(p, off) }

// Seek is part of blob.Reader.
func (r *reader) Seek(offset int64, whence int) (int64, error) { return r.file.Seek(offset, whence) }

// Close is part of blob.Reader.
func (r *reader) Close() error { return r.file.Close() }
