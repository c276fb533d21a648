package presenter

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

const (
	maxBoundary = 70 // RFC 2046
	// maxHeader bounds the headers of one part. The multipart reader reads ahead by its buffer of 4 KiB.
	maxHeader = 8<<10 + 4<<10
)

// form streams a multipart body part by part; nothing is buffered beyond one read.
type form struct {
	parts *multipart.Reader
	body  *body
}

func newForm(w http.ResponseWriter, r *http.Request, stall time.Duration) (*form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, domain.ErrNotMultipart
	}
	boundary := params["boundary"]
	if boundary == "" || len(boundary) > maxBoundary {
		return nil, domain.ErrBadForm
	}
	b := &body{from: r.Body, control: http.NewResponseController(w), stall: stall, left: -1}
	return &form{parts: multipart.NewReader(b, boundary), body: b}, nil
}

// Next returns io.EOF after the last part and faults for what goes wrong.
func (f *form) Next() (domain.Part, error) {
	f.body.left = maxHeader
	part, err := f.parts.NextRawPart()
	f.body.left = -1
	if err == io.EOF { //nolint:errorlint // a form that was cut off wraps io.EOF; only the bare one is its end
		f.body.rest()
		return domain.Part{}, io.EOF
	}
	if err != nil {
		return domain.Part{}, broken(err)
	}
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || params["name"] == "" {
		return domain.Part{}, domain.ErrBadForm
	}
	filename, file := params["filename"]
	return domain.Part{
		Name: params["name"], File: file, Filename: norm.NFC.String(filename),
		ContentType: part.Header.Get("Content-Type"), Content: content{part},
	}, nil
}

// content turns the network's errors into faults.
type content struct{ from io.Reader }

func (c content) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = broken(err)
	}
	return n, err
}

func broken(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return domain.ErrSlow.Because(err)
	}
	return domain.ErrBadForm.Because(err)
}

var errHeader = errors.New("part header too long")

// body gives every read the same time anew, so that a slow but steady client is served and a stalled one is not; and it
// bounds what is read while left is not negative.
type body struct {
	from    io.Reader
	control *http.ResponseController
	stall   time.Duration
	left    int
}

func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errHeader
	}
	if b.left > 0 && len(p) > b.left {
		p = p[:b.left]
	}
	// Servers in tests may not know deadlines; then there is none.
	_ = b.control.SetReadDeadline(time.Now().Add(b.stall))
	n, err := b.from.Read(p)
	if b.left > 0 {
		b.left -= n
	}
	return n, err
}

// rest ends the deadline: the server's own watch for a client that goes away would take it for one.
func (b *body) rest() { _ = b.control.SetReadDeadline(time.Time{}) }
