package presenter

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// linger is how long the rest of a refused body is still taken, so that the client reads the answer before the
// connection ends.
const linger = 5 * time.Second

// hangUp answers a refused upload at once. Otherwise the server would first read what is left of the body, which a slow
// client may take hours to send, and only then write the answer.
func hangUp(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		body := &watched{ReadCloser: c.Request().Body}
		c.Request().Body = body
		err := next(c)
		if err != nil && !body.ended {
			c.Response().Header().Set("Connection", "close")
			_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(linger))
		}
		return err
	}
}

type watched struct {
	io.ReadCloser
	ended bool
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.ended = w.ended || errors.Is(err, io.EOF)
	return n, err
}
