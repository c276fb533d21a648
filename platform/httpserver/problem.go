package httpserver

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/fault"
)

var (
	errNoRoute      = fault.New(fault.NotFound, "request.no_such_address", "There is nothing at this address; check it against /docs.")
	errBodyTooLarge = fault.New(fault.TooLarge, "request.too_large", "The request is too large; send less at once.")
	errMediaType    = fault.New(fault.Unsupported, "request.media_type", "This content type is not accepted here; see /docs for the ones that are.")
)

// status is the only table from kinds to HTTP.
func status(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unprocessable:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Gone:
		return http.StatusGone
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Unsupported:
		return http.StatusUnsupportedMediaType
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal:
	}
	return http.StatusInternalServerError
}

// statusClientGone is for the access log alone: nobody is there to read the answer. nginx has it too.
const statusClientGone = 499

// Problem is the body of every error (RFC 9457), with our code, the request's id and the wrong fields beside it.
type Problem struct {
	Type      string        `json:"type"`
	Title     string        `json:"title"`
	Status    int           `json:"status"`
	Detail    string        `json:"detail"`
	Instance  string        `json:"instance"`
	Code      string        `json:"code"`
	RequestID string        `json:"request_id"`
	Success   bool          `json:"success"` // always false; clients of the original look at it
	Errors    []fault.Field `json:"errors"`
}

// problem answers a request that failed. Only here an error becomes something that a user sees.
func (s *Server) problem(err error, c echo.Context) {
	f, code := fromEcho(err)
	if ctx := c.Request().Context(); code == http.StatusInternalServerError && errors.Is(ctx.Err(), context.Canceled) {
		s.log.DebugContext(ctx, "client gone", "route", c.Path(), "err", err)
		c.Response().WriteHeader(statusClientGone)
		return
	}
	s.report(c, f, code, err)
	if c.Response().Committed {
		return // the answer had begun; the broken connection is what tells the client
	}
	header := c.Response().Header()
	forgetAnswer(header)
	if f.RetryAfter > 0 {
		header.Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	if code == http.StatusUnauthorized && header.Get(echo.HeaderWWWAuthenticate) == "" {
		header.Set(echo.HeaderWWWAuthenticate, "Bearer")
	}
	p := Problem{
		Type: "/problems/" + f.Code, Title: http.StatusText(code), Status: code, Detail: f.Message, Instance: c.Request().URL.Path,
		Code: f.Code, RequestID: RequestID(c.Request().Context()), Errors: f.Fields,
	}
	if p.Errors == nil {
		p.Errors = []fault.Field{}
	}
	if err := write(c, code, "application/problem+json", p); err != nil {
		s.log.DebugContext(c.Request().Context(), "client gone", "err", err)
	}
}

// report logs what an operator has to know: what broke, and what is missing. All else is in the access log.
func (s *Server) report(c echo.Context, f *fault.Error, code int, err error) {
	ctx := c.Request().Context()
	switch {
	case code == http.StatusInternalServerError:
		s.log.ErrorContext(ctx, "request failed", "code", f.Code, "route", c.Path(), "err", err)
	case f.Kind == fault.Unavailable:
		s.log.WarnContext(ctx, "request refused", "code", f.Code, "route", c.Path(), "err", err)
	}
}

// forgetAnswer removes what a handler had said of the answer that it then could not give.
func forgetAnswer(h http.Header) {
	for _, name := range []string{
		"Accept-Ranges", echo.HeaderContentDisposition, echo.HeaderContentEncoding, echo.HeaderContentLength, "Content-Range", "ETag", echo.HeaderLastModified,
	} {
		h.Del(name)
	}
	h.Set(echo.HeaderCacheControl, "no-store")
}

// fromEcho finds the fault in err, translating what echo and net/http report themselves.
func fromEcho(err error) (*fault.Error, int) {
	var f *fault.Error
	if errors.As(err, &f) {
		return f, status(f.Kind)
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errBodyTooLarge, http.StatusRequestEntityTooLarge
	}
	var he *echo.HTTPError
	if !errors.As(err, &he) {
		return fault.From(err), http.StatusInternalServerError
	}
	switch he.Code {
	case http.StatusNotFound:
		return errNoRoute, he.Code
	case http.StatusRequestEntityTooLarge:
		return errBodyTooLarge, he.Code
	case http.StatusUnsupportedMediaType:
		return errMediaType, he.Code
	case http.StatusMethodNotAllowed:
		return fault.New(fault.Invalid, "request.method", "This address does not answer that method; see /docs for the ones that it does."), he.Code
	}
	if he.Code >= http.StatusInternalServerError {
		return fault.From(err), http.StatusInternalServerError
	}
	return fault.New(fault.Invalid, "request.malformed", "The request is malformed; see /docs for what this address expects."), he.Code
}
