// Package archive writes the images of an extraction where they are to go, while they are being made: into a ZIP on any
// io.Writer (a file, an object of the storage, standard output) or as files of a folder; and beside them what is made of
// them in the same pass: lists (manifest.json, manifest.csv), contact sheets and a storyboard for players. Every byte is
// written once, in order, so no temporary folder and no second pass is needed; memory grows by some hundred bytes per
// image, for the ZIP's own directory and the compressed lists. It neither decides where the target lies nor makes it
// visible or removes it.
package archive

import (
	"fmt"
	"io"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// Options describe what is written. Sheets and storyboards are made of the images' small pictures, so they need
// Params.Thumb to be ThumbWidth.
type Options struct {
	Source       string // name of the video, for the manifest
	Size         int64  // of the video, bytes
	Params       domain.Params
	Manifest     bool   // add manifest.json and manifest.csv as the last entries
	ContactSheet bool   // add pictures of ten by ten images each
	Storyboard   bool   // add sprites and the WebVTT file that tells players which part of them to show when
	NameTemplate string // of the images; empty is DefaultName
}

// container is a target that holds named entries.
type container interface {
	add(name string, data []byte) error
	// stream writes an entry of unknown size.
	stream(name string, write func(io.Writer) error) error
	// close finishes the target and tells its size and, if it is one file, its SHA-256.
	close() (size int64, sum string, err error)
}

// Writer names the images and writes them with what is made of them. It is for one goroutine.
type Writer struct {
	target   container
	names    namer
	manifest *manifest // nil when none is wanted
	sheets   *sheets   // nil when none are wanted
	frames   int
}

// NewZIP writes a ZIP archive to w, which it neither seeks nor closes. The error is about the name template.
func NewZIP(w io.Writer, o Options) (*Writer, error) { return newWriter(newZIP(w), o) }

// NewDir writes files into the folder dir, which must exist. A file appears whole or not at all. The error is about the
// name template.
func NewDir(dir string, o Options) (*Writer, error) {
	return newWriter(folder{dir: dir, size: new(int64)}, o)
}

func newWriter(target container, o Options) (*Writer, error) {
	template, err := ParseTemplate(o.NameTemplate)
	if err != nil {
		return nil, err
	}
	w := &Writer{target: target, names: namer{template: template, ext: o.Params.Extension}}
	if o.Manifest {
		w.manifest = newManifest(o)
	}
	if o.ContactSheet || o.Storyboard {
		w.sheets = newSheets(o)
	}
	return w, nil
}

// Add writes the next image. After an error the target is incomplete and must be thrown away.
func (w *Writer) Add(img domain.Image) error {
	name := w.names.next(img)
	if err := w.target.add(name, img.Data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	w.frames++
	if w.sheets != nil {
		if err := w.sheets.add(w.target, img); err != nil {
			return err
		}
	}
	if w.manifest == nil {
		return nil
	}
	return w.manifest.add(name, img)
}

// Last is the name of the image that was added last.
func (w *Writer) Last() string { return w.names.last }

// Close writes what belongs at the end and finishes the target; it must be called once, after the last image.
func (w *Writer) Close(r domain.Report) (domain.Archive, error) {
	if w.sheets != nil {
		if err := w.sheets.close(w.target, r); err != nil {
			return domain.Archive{}, err
		}
	}
	if err := w.list(r); err != nil {
		return domain.Archive{}, err
	}
	size, sum, err := w.target.close()
	if err != nil {
		return domain.Archive{}, fmt.Errorf("finish archive: %w", err)
	}
	return domain.Archive{Frames: w.frames, Size: size, SHA256: sum}, nil
}

func (w *Writer) list(r domain.Report) error {
	if w.manifest == nil {
		return nil
	}
	if err := w.manifest.lines.end(); err != nil {
		return err
	}
	if err := w.target.stream(tableName, w.manifest.writeTable); err != nil {
		return fmt.Errorf("write %s: %w", tableName, err)
	}
	err := w.target.stream(manifestName, func(to io.Writer) error { return w.manifest.writeTo(to, r, w.frames) })
	if err != nil {
		return fmt.Errorf("write %s: %w", manifestName, err)
	}
	return nil
}
