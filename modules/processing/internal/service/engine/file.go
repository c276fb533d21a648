package engine

import "os"

// file is a local file as a Source.
type file struct {
	f    *os.File
	size int64
}

// NewFile makes an open file a Source; the caller still closes it.
func NewFile(f *os.File) (Source, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, ErrNotAVideo
	}
	return file{f, st.Size()}, nil
}

// Size is as of NewFile.
func (f file) Size() int64 { return f.size }

// File is the descriptor for the child.
func (f file) File() *os.File { return f.f }

// ReadAt is for sources in general; the child reads the descriptor.
func (f file) ReadAt(p []byte, off int64) (int, error) { return f.f.ReadAt(p, off) }
