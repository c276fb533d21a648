package usecase

import (
	"context"
	"errors"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// Engine decodes. Safe for concurrent use.
type Engine interface {
	// Extract hands the images to emit in order and stops when emit or the context says so. Errors: faults with the
	// user's sentence when the video is at fault, what emit returned, or the context's cause.
	Extract(ctx context.Context, src domain.Source, p domain.Params,
		onProgress func(domain.Advance), emit func(domain.Image) error) (domain.Report, error)
}

// Sink is where images go; after an error it is incomplete and must be thrown away.
type Sink interface {
	Add(img domain.Image) error
	// Close writes what belongs at the end; it is called once.
	Close(r domain.Report) (domain.Archive, error)
}

// Extraction is one video on its way into one sink.
type Extraction struct {
	Source     domain.Source
	Params     domain.Params
	Salvage    bool // when the decoder breaks down, what came before is the result
	Sink       Sink
	OnProgress func(domain.Advance)
}

// Outcome is what an extraction gave.
type Outcome struct {
	Report  domain.Report
	Archive domain.Archive
}

// Extract runs an extraction from the video to the finished sink. Errors of the sink are *domain.StorageError.
func Extract(ctx context.Context, e Engine, x Extraction) (Outcome, error) {
	var sunk error
	report, err := e.Extract(ctx, x.Source, x.Params, x.OnProgress, func(img domain.Image) error {
		if err := x.Sink.Add(img); err != nil {
			sunk = &domain.StorageError{Err: err}
		}
		return sunk
	})
	switch {
	// What the engine makes of a full disk is not the reason why the work stopped.
	case sunk != nil && !errors.Is(err, context.Canceled):
		return Outcome{}, sunk
	case err != nil && x.Salvage && report.Frames > 0 && domain.IsCrash(err):
	case err != nil:
		return Outcome{}, err
	}
	archive, err := x.Sink.Close(report)
	if err != nil {
		return Outcome{}, &domain.StorageError{Err: err}
	}
	return Outcome{Report: report, Archive: archive}, nil
}
