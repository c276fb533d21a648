package client

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"

	"github.com/fiapx/fiapx/platform/fault"
)

// Upload is a video to be submitted with the fields of the form.
type Upload struct {
	Path     string
	Fields   map[string]string
	Progress func(sent int64) // nil tells nobody
}

// Submitted is the answer to an upload.
type Submitted struct {
	Data struct {
		Job struct {
			ID              string `json:"id"`
			Status          string `json:"status"`
			QueuePosition   int64  `json:"queue_position"`
			EstimatedFrames *int64 `json:"estimated_frames"`
		} `json:"job"`
	} `json:"data"`
}

// Submit uploads the video, piece by piece, and starts a job. An upload that breaks off is sent again with the same
// Idempotency-Key, so that it becomes one job however often the answer is lost.
func (c *Client) Submit(ctx context.Context, u Upload) (s Submitted, raw Raw, err error) {
	info, err := os.Stat(u.Path)
	if err != nil || !info.Mode().IsRegular() {
		return s, nil, fault.New(fault.Invalid, "client.no_such_file", u.Path+" is no file that can be read; check its name.").Because(err)
	}
	var sent bool
	tell := u.Progress
	u.Progress = func(n int64) {
		sent = sent || n > 0
		if tell != nil {
			tell(n)
		}
	}
	r := request{
		method: http.MethodPost, url: c.server + "/video-processing/submit", header: http.Header{"Idempotency-Key": {rand.Text()}},
		body: func() (io.Reader, string, error) { return form(u) },
	}
	for try := 0; ; try++ {
		raw, err = c.call(ctx, r, &s)
		if err == nil || !sent || !again(err, try) {
			return s, raw, err
		}
		if waited := Wait(ctx, pauseBefore(err, try)); waited != nil {
			return s, nil, waited
		}
	}
}

// form streams the fields first, so that a wrong one is refused before the upload. The goroutine ends when the reader is
// read to its end or closed, and the HTTP client does one of the two in any case.
func form(u Upload) (io.Reader, string, error) {
	file, err := os.Open(u.Path)
	if err != nil {
		return nil, "", fmt.Errorf("read the video: %w", err)
	}
	r, w := io.Pipe()
	parts := multipart.NewWriter(w)
	go func() {
		defer file.Close()
		w.CloseWithError(write(parts, u, file))
	}()
	return r, parts.FormDataContentType(), nil
}

func write(parts *multipart.Writer, u Upload, file io.Reader) error {
	for name, value := range u.Fields {
		if err := parts.WriteField(name, value); err != nil {
			return err
		}
	}
	name := filepath.Base(u.Path)
	part, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": "video_file", "filename": name})},
		"Content-Type":        {contentType(name)},
	})
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, &meter{r: file, tell: u.Progress}); err != nil {
		return err
	}
	return parts.Close()
}

// contentType does not ask the system, whose table differs from one machine to the next.
func contentType(name string) string {
	types := map[string]string{
		".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".webm": "video/webm",
		".avi": "video/x-msvideo", ".wmv": "video/x-ms-wmv", ".flv": "video/x-flv",
	}
	if t, ok := types[strings.ToLower(filepath.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// meter counts what passes.
type meter struct {
	r    io.Reader
	sent int64
	tell func(int64)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.sent += int64(n)
	if m.tell != nil {
		m.tell(m.sent)
	}
	return n, err
}
