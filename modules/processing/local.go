package processing

import (
	"context"
	"errors"
	"io"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/processing/internal/service/archive"
	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
	"github.com/fiapx/fiapx/modules/processing/internal/service/extractor"
	"github.com/fiapx/fiapx/modules/processing/internal/usecase"
)

// The types of an extraction, for programs that have a file and no server.
type (
	// Source is the video of an extraction without a server.
	Source = domain.Source
	// Params say what to extract.
	Params = domain.Params
	// Rect is a part of a picture in pixels.
	Rect = domain.Rect
	// Info is what the container says of its video stream.
	Info = domain.Info
	// Progress is how far an extraction is.
	Progress = domain.Advance
	// Report is the outcome of an extraction.
	Report = domain.Report
	// Archive is what was written.
	Archive = domain.Archive
	// Image is one picture on its way out.
	Image = domain.Image
)

// ChildCommand is the argument by which the binary must call ChildMain.
const ChildCommand = engine.ChildCommand

// ChildMain decodes for a parent process and returns the exit code.
func ChildMain(ctx context.Context) int { return engine.ChildMain(ctx) }

// Probe tells what the container says about the video; errors are faults with the user's sentence.
func Probe(ctx context.Context, cfg Config, src Source) (Info, error) {
	return extractor.Extractor{Limits: cfg.Limits.limits()}.Probe(ctx, src)
}

// Products say what is written beside the images, and how these are named.
type Products struct {
	Source       string // name of the video, for the manifest
	Manifest     bool   // manifest.json and manifest.csv
	ContactSheet bool   // contact_sheet.jpg, or several with numbers
	Storyboard   bool   // storyboard.vtt with its sprites
	NameTemplate string // see CheckNameTemplate; empty is the usual one
}

// CheckNameTemplate tells in a sentence what is wrong with a template by which images are to be named.
func CheckNameTemplate(text string) error {
	_, err := archive.ParseTemplate(text)
	return err
}

// Output is where the images of an extraction go.
type Output struct {
	products Products
	open     func(archive.Options) (*archive.Writer, error)
}

// ToZIP writes one archive to w, without seeking.
func ToZIP(w io.Writer, p Products) Output {
	return Output{p, func(o archive.Options) (*archive.Writer, error) { return archive.NewZIP(w, o) }}
}

// ToDir writes files into the existing folder dir.
func ToDir(dir string, p Products) Output {
	return Output{p, func(o archive.Options) (*archive.Writer, error) { return archive.NewDir(dir, o) }}
}

func (o Output) writer(size int64, p Params) (*archive.Writer, error) {
	return o.open(archive.Options{
		Source: o.products.Source, Size: size, Params: p, Manifest: o.products.Manifest,
		ContactSheet: o.products.ContactSheet, Storyboard: o.products.Storyboard, NameTemplate: o.products.NameTemplate,
	})
}

// Request is an extraction to be made.
type Request struct {
	Source     Source
	Params     Params
	Output     Output
	OnProgress func(Progress)
	OnImage    func(name string, img Image) // after the image has been written
}

// Outcome is what an extraction gave.
type Outcome struct {
	Report  Report
	Archive Archive
	// Cut says that the operator's limit on images cut the result, not the user's own.
	Cut bool
}

// Extract runs an extraction to its end; cancelling ctx stops it at once. Errors about the video are faults of kind
// Invalid with the user's sentence; after any error the output is incomplete, and removing it is the caller's.
func Extract(ctx context.Context, cfg Config, r Request) (Outcome, error) {
	writer, err := r.Output.writer(r.Source.Size(), r.Params)
	if err != nil {
		return Outcome{}, err
	}
	if r.Output.products.ContactSheet || r.Output.products.Storyboard {
		r.Params.Thumb = archive.ThumbWidth
	}
	out, err := usecase.Extract(ctx, extractor.Extractor{Limits: cfg.Limits.limits()}, usecase.Extraction{
		Source: r.Source, Params: r.Params, Salvage: true, Sink: observed{writer, r}, OnProgress: r.OnProgress,
	})
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Report: out.Report, Archive: out.Archive, Cut: out.Report.CutByLimit(r.Params)}, nil
}

// IsOutputError says that the output could not be written, as opposed to the video not read.
func IsOutputError(err error) bool {
	var storage *domain.StorageError
	return errors.As(err, &storage)
}

// observed tells about images once they are written.
type observed struct {
	*archive.Writer
	request Request
}

// Add is part of usecase.Sink.
func (o observed) Add(img domain.Image) error {
	if err := o.Writer.Add(img); err != nil {
		return err
	}
	if o.request.OnImage != nil {
		o.request.OnImage(o.Last(), img)
	}
	return nil
}
