package archive

import (
	"bytes"
	"compress/flate"
	"io"
)

// spool keeps text until it is its turn in the target, deflated as it comes: what is left of a line about an image is
// little more than its digest, so that even a million of them stay in memory.
type spool struct {
	data    bytes.Buffer
	deflate *flate.Writer
}

func newSpool() *spool {
	s := &spool{}
	// The level is a valid constant, the only thing NewWriter checks.
	s.deflate, _ = flate.NewWriter(&s.data, flate.BestSpeed)
	return s
}

// Write is part of io.Writer.
func (s *spool) Write(p []byte) (int, error) { return s.deflate.Write(p) }

// end is called after the last Write, before the first reader.
func (s *spool) end() error { return s.deflate.Close() }

// reader begins at the first byte; there may be several, one after the other.
func (s *spool) reader() io.Reader { return flate.NewReader(bytes.NewReader(s.data.Bytes())) }
