// Package part keeps the images of a stretch of a film on their way from the worker that makes them to the one that joins them. A
// part is a stream of records, so that neither needs more memory than one image, and holds the images as the engine gave them:
// what is made of them (names, lists, sheets, the archive) is made once, by whoever joins, and so is what it would have been
// without parts. Parts live between workers of one installation and are never handed to users.
package part

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// record is an image, or the report that ends a part.
type record struct {
	Image *domain.Image
	End   *domain.Report
}

// Writer writes a part. It is for one goroutine.
type Writer struct {
	out    counter
	encode *gob.Encoder
	frames int
}

// NewWriter writes to w, which it does not close.
func NewWriter(w io.Writer) *Writer {
	p := &Writer{out: counter{w: w}}
	p.encode = gob.NewEncoder(&p.out)
	return p
}

// Add writes the next image. After an error the target is incomplete and must be thrown away.
func (p *Writer) Add(img domain.Image) error {
	p.frames++
	if err := p.encode.Encode(record{Image: &img}); err != nil {
		return fmt.Errorf("write image %d: %w", img.Index, err)
	}
	return nil
}

// Close writes the end; it must be called once, after the last image.
func (p *Writer) Close(r domain.Report) (domain.Archive, error) {
	if err := p.encode.Encode(record{End: &r}); err != nil {
		return domain.Archive{}, fmt.Errorf("finish part: %w", err)
	}
	return domain.Archive{Frames: p.frames, Size: p.out.size}, nil
}

// ErrBroken says that a part is not what was written.
var ErrBroken = errors.New("part: broken")

// Read hands the images of a part to add, in their order, and returns the report at its end. Errors: ErrBroken, what reading r gave, or
// what add returned.
func Read(r io.Reader, add func(domain.Image) error) (domain.Report, error) {
	in := &watched{r: r}
	decode := gob.NewDecoder(in)
	for frames := 0; ; frames++ {
		var next record
		if err := decode.Decode(&next); err != nil {
			if in.err != nil {
				return domain.Report{}, in.err
			}
			return domain.Report{}, errors.Join(ErrBroken, err)
		}
		switch {
		case next.Image != nil:
			if err := add(*next.Image); err != nil {
				return domain.Report{}, err
			}
		case next.End != nil && next.End.Frames == frames:
			return *next.End, nil
		default:
			return domain.Report{}, ErrBroken
		}
	}
}

// watched tells a source that fails from one that holds the wrong bytes.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

type counter struct {
	w    io.Writer
	size int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.size += int64(n)
	return n, err
}
