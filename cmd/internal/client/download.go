package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// resumes is how often an interrupted download goes on before it is given up.
const resumes = 5

// Download is an archive on its way.
type Download struct {
	Name string // as the server proposes it, without any folder
	Size int64  // bytes; -1 when unknown

	client *Client
	url    string
	etag   string
	body   io.ReadCloser
	at     int64
}

// Download begins to fetch a completed job's archive. The caller closes it.
func (c *Client) Download(ctx context.Context, id string) (*Download, error) {
	d := &Download{client: c, url: c.job(id) + "/download"}
	answer, err := c.send(ctx, request{method: http.MethodGet, url: d.url}) //nolint:bodyclose // Close does it
	if err != nil {
		return nil, err
	}
	d.Size, d.etag, d.body = answer.ContentLength, answer.Header.Get("ETag"), answer.Body
	d.Name = id + ".zip"
	if _, params, err := mime.ParseMediaType(answer.Header.Get("Content-Disposition")); err == nil {
		if name := filepath.Base(filepath.Clean("/" + params["filename"])); strings.Trim(name, "./") != "" {
			d.Name = name
		}
	}
	return d, nil
}

// CopyTo writes the archive to w and goes on where it was when the connection breaks.
func (d *Download) CopyTo(ctx context.Context, w io.Writer, progress func(received int64)) error {
	for try := 0; ; try++ {
		n, err := io.Copy(&sink{w: w, start: d.at, tell: progress}, d.body)
		d.at += n
		if err == nil && (d.Size < 0 || d.at == d.Size) {
			return nil
		}
		var local *writeError
		switch {
		case errors.As(err, &local):
			return local.err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case try == resumes || d.etag == "":
			return fault.New(fault.Unavailable, "client.interrupted", "The download was interrupted; try again.").Because(err)
		}
		if err := d.resume(ctx, try); err != nil {
			return err
		}
	}
}

func (d *Download) resume(ctx context.Context, try int) error {
	_ = d.body.Close()
	if err := Wait(ctx, time.Duration(try+1)*time.Second); err != nil {
		return err
	}
	answer, err := d.client.send(ctx, request{method: http.MethodGet, url: d.url, header: http.Header{ //nolint:bodyclose // Close does it
		"Range": {fmt.Sprintf("bytes=%d-", d.at)}, "If-Range": {d.etag},
	}})
	if err != nil {
		return err
	}
	d.body = answer.Body
	if answer.StatusCode != http.StatusPartialContent {
		return fault.New(fault.Conflict, "client.changed", "The archive changed while it was downloaded; try again.")
	}
	return nil
}

// Close ends the download.
func (d *Download) Close() error { return d.body.Close() }

// writeError is a failure on our side, which no new connection would heal.
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }

// sink tells what has arrived.
type sink struct {
	w     io.Writer
	start int64
	tell  func(int64)
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.start += int64(n)
	if s.tell != nil {
		s.tell(s.start)
	}
	if err != nil {
		return n, &writeError{err}
	}
	return n, nil
}
