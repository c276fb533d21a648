package usecase

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

const (
	maxParts     = 40
	maxField     = 4 << 10
	maxTimes     = 256 << 10 // of timestamps, which may be 10,000
	discardGrace = 30 * time.Second
)

// submission is one form being read. Fields may come before or after the file.
type submission struct {
	*Submit
	owner    domain.Owner
	fields   map[string]string
	create   func(ctx context.Context, key string) (domain.Sink, error)
	defaults domain.Defaults

	filename string
	format   string
	source   domain.Source
}

// read takes every part; what the network does to the form reaches it as faults.
func (f *submission) read(ctx context.Context, parts domain.Parts) error {
	prefs, err := f.Store.Preferences(ctx, f.owner.ID)
	if err != nil {
		return err
	}
	f.defaults = prefs.WithDefaults().Defaults()
	for n := 1; ; n++ {
		part, err := parts.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && n > maxParts {
			err = domain.ErrManyParts
		}
		if err == nil {
			err = f.take(ctx, part)
		}
		if err != nil {
			return err
		}
	}
	if f.source.Key == "" {
		return domain.ErrNoFile
	}
	return nil
}

func (f *submission) fingerprint() string {
	return domain.Fingerprint(f.fields, f.filename, f.source.SHA256)
}

func (f *submission) take(ctx context.Context, part domain.Part) error {
	switch {
	case part.Name == "video_file":
		return f.file(ctx, part)
	case part.File:
		return fault.Fieldf(shown(part.Name), "unexpected_file", "Only video_file may be a file.")
	}
	limit := maxField
	if part.Name == "timestamps" {
		limit = maxTimes
	}
	value, err := io.ReadAll(io.LimitReader(part.Content, int64(limit)+1))
	if err != nil {
		return err
	}
	if len(value) > limit {
		return fault.Fieldf(shown(part.Name), "string_too_long", "%s: Input should have at most %d bytes.", shown(part.Name), limit)
	}
	if _, twice := f.fields[part.Name]; twice {
		return fault.Fieldf(shown(part.Name), "duplicate", "%s: Input was given more than once.", shown(part.Name))
	}
	f.fields[part.Name] = string(value)
	return nil
}

// shown bounds a field name of the client's making before it goes into an answer.
func shown(name string) string { return domain.CleanName(name[:min(len(name), 64)]) }

// file refuses what the headers and the fields so far already show to be wrong before it stores a byte.
func (f *submission) file(ctx context.Context, part domain.Part) error {
	if f.source.Key != "" {
		return domain.ErrManyFiles
	}
	f.filename = domain.CleanName(part.Filename)
	if f.filename == "" {
		return domain.ErrNoFilename
	}
	var err error
	if f.format, err = domain.Extension(f.filename); err != nil {
		return err
	}
	if err := domain.CheckContentType(part.ContentType); err != nil {
		return err
	}
	if _, err := domain.ParseParams(f.fields, f.defaults.Params); err != nil && fault.KindOf(err) == fault.Unprocessable {
		return err
	}
	if _, err := domain.ParsePriority(f.fields, f.MaxPriority, f.owner.Admin); err != nil {
		return err
	}
	head := make([]byte, domain.SniffLen)
	n, err := io.ReadFull(part.Content, head)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return domain.ErrEmptyFile
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case !domain.LooksLikeVideo(head[:n]):
		return domain.ErrContent.Sayf("Invalid video format for file '%s': its content is not a video; check that it plays, or convert it to MP4.", f.filename)
	}
	return f.store(ctx, io.MultiReader(bytes.NewReader(head[:n]), part.Content))
}

func (f *submission) store(ctx context.Context, content io.Reader) error {
	key := domain.SourceKey(f.owner.ID, f.NewID(), f.format)
	sink, err := f.create(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = sink.Abort() }() // does nothing once committed
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(sink, hash), io.LimitReader(content, f.MaxFileSize+1))
	if err != nil {
		return err
	}
	if size > f.MaxFileSize {
		return domain.TooLarge(f.MaxFileSize)
	}
	f.source = domain.Source{Key: key, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}
	return sink.Commit(ctx)
}

// job reads the form and makes a job of it.
func (f *submission) job(ctx context.Context, parts domain.Parts) (domain.Job, error) {
	if err := f.read(ctx, parts); err != nil {
		return domain.Job{}, err
	}
	params, err := domain.ParseParams(f.fields, f.defaults.Params)
	if err != nil {
		return domain.Job{}, err
	}
	priority, err := domain.ParsePriority(f.fields, f.MaxPriority, f.owner.Admin)
	if err != nil {
		return domain.Job{}, err
	}
	info, err := f.Prober.Probe(ctx, f.source.Key)
	if err != nil {
		return domain.Job{}, err
	}
	if err := params.Within(info); err != nil {
		return domain.Job{}, err
	}
	job := domain.Job{
		ID: f.NewID(), Owner: f.owner, Filename: f.filename, Format: f.format, Source: f.source, Info: info, Params: params,
		AutoCleanup: f.defaults.AutoCleanup, Status: domain.Pending, Priority: priority,
	}
	if frames, ok := domain.EstimateFrames(info, params); ok {
		job.EstimatedFrames = &frames
	}
	return job, nil
}

// discard removes a refused upload at once. It must happen even when the client has gone, so the request's context
// only lends its values.
func (f *submission) discard(ctx context.Context) {
	if f.source.Key == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardGrace)
	defer cancel()
	if _, err := f.Storage.Delete(ctx, f.source.Key); err != nil {
		f.Log.WarnContext(ctx, "refused upload not removed", "key", f.source.Key, "err", err)
	}
}
