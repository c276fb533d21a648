package usecase

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

// join writes the archive from the parts: the same images in the same order into the same sink as without parts, none of them
// encoded again.
func (r *Runner) join(ctx context.Context, c domain.Claim, live *tracker, size int64, segments []domain.Segment) (domain.Result, error) {
	live.enter(domain.StageExtracted)
	object, err := r.Storage.Create(ctx, c.ResultKey)
	if err != nil {
		return domain.Result{}, &domain.StorageError{Err: err}
	}
	defer object.Abort() //nolint:errcheck // after Commit it does nothing, and what remains of a failure the janitor takes
	sink, err := r.NewSink(object, c, size)
	if err != nil {
		return domain.Result{}, err
	}
	reports := make([]domain.Report, len(segments))
	p := pouring{Runner: r, sink: sink}
	for i, s := range segments {
		if reports[i], err = p.pour(ctx, s); err != nil {
			return domain.Result{}, err
		}
		live.set(domain.Joining(i+1, len(segments), p.frames))
	}
	report, ok := domain.Join(reports)
	if !ok {
		return domain.Result{}, errWhole
	}
	archive, err := sink.Close(report)
	if err != nil {
		return domain.Result{}, &domain.StorageError{Err: err}
	}
	if err := object.Commit(ctx); err != nil {
		return domain.Result{}, &domain.StorageError{Err: err}
	}
	live.enter(domain.StagePackaged)
	return domain.Result{Key: c.ResultKey, Archive: archive, Truncated: report.CutByLimit(c.Params)}, nil
}

// pouring is parts on their way into one sink.
type pouring struct {
	*Runner
	sink   Sink
	frames int
	bytes  int64
}

const pourBuffer = 4 << 20 // read at once: of a bucket it is a request

// pour adds the images of a part. errWhole when the part is gone, is not the one that is wanted, or brings more than a job may give.
func (p *pouring) pour(ctx context.Context, s domain.Segment) (domain.Report, error) {
	if p.frames != s.From {
		return domain.Report{}, errWhole
	}
	file, err := p.Storage.Open(ctx, s.Key)
	if fault.KindOf(err) == fault.NotFound {
		return domain.Report{}, errWhole
	}
	if err != nil {
		return domain.Report{}, &domain.StorageError{Err: err}
	}
	defer file.Close()
	in := bufio.NewReaderSize(io.NewSectionReader(file, 0, file.Size()), pourBuffer)
	report, err := p.Division.ReadPart(in, func(img domain.Image) error { return p.add(ctx, img) })
	switch {
	case errors.Is(err, errWhole), err != nil && context.Cause(ctx) != nil:
		return report, errors.Join(context.Cause(ctx), err)
	case p.Division.IsBroken(err), err == nil && p.frames != s.To:
		return report, errWhole
	case err != nil:
		return report, &domain.StorageError{Err: err}
	}
	return report, nil
}

func (p *pouring) add(ctx context.Context, img domain.Image) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	p.frames++
	p.bytes += int64(len(img.Data))
	if img.Index != p.frames || p.bytes > p.Division.MaxOutput {
		return errWhole
	}
	return p.sink.Add(img)
}
