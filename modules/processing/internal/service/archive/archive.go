// Package archive writes the images of an extraction where they are to go, while they are being made: into a ZIP on any
// io.Writer (a file, an object of the storage, standard output) or as files of a folder. Every byte is written once, in
// order, so no temporary folder and no second pass is needed; memory grows by some hundred bytes per image, for the ZIP's
// own directory and the compressed manifest. It neither decides where the target lies nor makes it visible or removes it.
package archive

import (
	"fmt"
	"io"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// Options describe what is written.
type Options struct {
	Source   string // name of the video, for the manifest
	Size     int64  // of the video, bytes
	Params   domain.Params
	Manifest bool // add manifest.json as the last entry
}

// container is a target that holds named entries.
type container interface {
	add(name string, data []byte) error
	// stream writes an entry of unknown size.
	stream(name string, write func(io.Writer) error) error
	// close finishes the target and tells its size and, if it is one file, its SHA-256.
	close() (size int64, sum string, err error)
}

// Writer names the images and writes them with, at the end, the manifest. It is for one goroutine.
type Writer struct {
	target   container
	manifest *manifest // nil when none is wanted
	ext      string
	frames   int
}

// NewZIP writes a ZIP archive to w, which it neither seeks nor closes.
func NewZIP(w io.Writer, o Options) *Writer { return newWriter(newZIP(w), o) }

// NewDir writes files into the folder dir, which must exist. A file appears whole or not at all.
func NewDir(dir string, o Options) *Writer { return newWriter(folder{dir: dir, size: new(int64)}, o) }

func newWriter(target container, o Options) *Writer {
	w := &Writer{target: target, ext: o.Params.Extension}
	if o.Manifest {
		w.manifest = newManifest(o)
	}
	return w
}

// Add writes the next image. After an error the target is incomplete and must be thrown away.
func (w *Writer) Add(img domain.Image) error {
	name := Name(img.Index, w.ext)
	if err := w.target.add(name, img.Data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	w.frames++
	if w.manifest == nil {
		return nil
	}
	return w.manifest.add(name, img)
}

// Close writes the manifest and finishes the target; it must be called once, after the last image.
func (w *Writer) Close(r domain.Report) (domain.Archive, error) {
	if w.manifest != nil {
		err := w.target.stream(manifestName, func(to io.Writer) error { return w.manifest.writeTo(to, r, w.frames) })
		if err != nil {
			return domain.Archive{}, fmt.Errorf("write %s: %w", manifestName, err)
		}
	}
	size, sum, err := w.target.close()
	if err != nil {
		return domain.Archive{}, fmt.Errorf("finish archive: %w", err)
	}
	return domain.Archive{Frames: w.frames, Size: size, SHA256: sum}, nil
}

// Name is the name of the index-th image, from 1.
func Name(index int, ext string) string { return fmt.Sprintf("frame_%06d.%s", index, ext) }
