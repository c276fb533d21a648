package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// source is a local video as the engine reads it.
type source struct {
	file *os.File
	size int64
}

// openSource refuses what is no plain file before anything could block on it or read from it.
func openSource(path string) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &codeError{exitBadVideo, fmt.Errorf("%s is not a file; name a video file", path)}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return &source{file: file, size: info.Size()}, nil
}

func unreadable(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("%s does not exist; check the name of the file", path)
	case errors.Is(err, fs.ErrPermission):
		err = fmt.Errorf("%s cannot be read; check its permissions", path)
	}
	return &codeError{exitBadVideo, err}
}

// ReadAt is part of processing.Source.
func (s *source) ReadAt(p []byte, off int64) (int, error) { return s.file.ReadAt(p, off) }

// Size is part of processing.Source.
func (s *source) Size() int64 { return s.size }

// File lets the engine's child read the descriptor itself.
func (s *source) File() *os.File { return s.file }

// Close ends the reading.
func (s *source) Close() error { return s.file.Close() }
