package httpserver

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// JSON answers with v, without escaping characters that HTML would mind.
func JSON(c echo.Context, status int, v any) error {
	return write(c, status, echo.MIMEApplicationJSON, v)
}

func write(c echo.Context, status int, contentType string, v any) error {
	c.Response().Header().Set(echo.HeaderContentType, contentType)
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	enc := json.NewEncoder(c.Response())
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Time words t as every answer does: RFC 3339 in UTC with microseconds at most.
func Time(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) }
