package httpserver

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/fault"
)

// maxJSON bounds a body that is read whole before its handler runs.
const maxJSON = 1 << 20

var errJSON = fault.New(fault.Unprocessable, "request.invalid_json", "The body is not valid JSON; check its commas, quotes and brackets.")

var errCutOff = fault.New(fault.Invalid, "request.cut_off", "The request ended before its body was complete; send it again.")

// Validator checks requests against the document: path, query and header parameters, and JSON bodies. Other bodies
// stream and are their handler's to check. All wrong fields are reported at once, and never with the value sent.
func Validator(doc *openapi3.T) (echo.MiddlewareFunc, error) {
	own := *doc
	own.Servers = nil // paths are matched as they are
	router, err := legacy.NewRouter(&own)
	if err != nil {
		return nil, fmt.Errorf("routes of the description: %w", err)
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		limited := LimitBody(maxJSON)(func(c echo.Context) error { return validated(router, c, next) })
		return func(c echo.Context) error {
			if streams(c) {
				return validated(router, c, next)
			}
			return limited(c)
		}
	}, nil
}

func streams(c echo.Context) bool {
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	return strings.HasPrefix(kind, "multipart/") || kind == echo.MIMEOctetStream
}

func validated(router routers.Router, c echo.Context, next echo.HandlerFunc) error {
	route, params, err := router.FindRoute(c.Request())
	if err != nil {
		return echo.ErrNotFound
	}
	if err := checkMediaType(c.Request(), route); err != nil {
		return err
	}
	err = openapi3filter.ValidateRequest(c.Request().Context(), &openapi3filter.RequestValidationInput{
		Request: c.Request(), PathParams: params, Route: withoutSecurity(route),
		Options: &openapi3filter.Options{MultiError: true, ExcludeRequestBody: streams(c), SkipSettingDefaults: true},
	})
	if err != nil {
		return toFault(err)
	}
	return next(c)
}

// withoutSecurity takes authentication out of what is checked: platform/authn has done it before, and kin-openapi reads
// the whole body first, also one that streams, wherever an operation asks for it.
func withoutSecurity(route *routers.Route) *routers.Route {
	r, operation := *route, *route.Operation
	operation.Security = &openapi3.SecurityRequirements{}
	r.Operation = &operation
	return &r
}

// checkMediaType refuses what the route does not take, above all a stream, which nothing here would look at. A body without
// a content type is read as JSON, as the original does, where the route takes JSON.
func checkMediaType(r *http.Request, route *routers.Route) error {
	body := route.Operation.RequestBody
	if body == nil || body.Value == nil || r.ContentLength == 0 {
		return nil
	}
	kind := r.Header.Get(echo.HeaderContentType)
	if kind == "" && body.Value.Content.Get(echo.MIMEApplicationJSON) != nil {
		kind = echo.MIMEApplicationJSON
		r.Header.Set(echo.HeaderContentType, kind)
	}
	if body.Value.Content.Get(kind) == nil {
		return errMediaType
	}
	return nil
}

// toFault gathers what kin-openapi found into one fault with a line per field.
func toFault(err error) error {
	fields, cause := collect(err, nil, "")
	if cause != nil {
		return cause
	}
	if len(fields) == 0 {
		return fault.New(fault.Unprocessable, "request.invalid", "The request does not have the form that this address expects; see /docs.").Because(err)
	}
	f := fault.New(fault.Unprocessable, "request.invalid_field", sentence(fields))
	f.Fields = fields
	return f
}

func sentence(fields []fault.Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = f.Path + " " + f.Message
	}
	return "Correct the request: " + strings.Join(parts, "; ") + "."
}

// collect walks the tree of errors. An error that is about the body as a whole comes back as whole.
func collect(err error, fields []fault.Field, at string) (_ []fault.Field, whole error) {
	if m, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // only this level; what it holds is walked through
		for _, e := range m {
			if fields, whole = collect(e, fields, at); whole != nil {
				return nil, whole
			}
		}
		return fields, nil
	}
	var request *openapi3filter.RequestError
	if errors.As(err, &request) {
		return collectRequest(request, fields)
	}
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) {
		return append(fields, describe(schema, at)), nil
	}
	return fields, nil
}

func collectRequest(err *openapi3filter.RequestError, fields []fault.Field) ([]fault.Field, error) {
	if err.Parameter != nil {
		return append(fields, ofParameter(err)...), nil
	}
	var tooLarge *http.MaxBytesError
	var parse *openapi3filter.ParseError
	switch {
	case errors.As(err.Err, &tooLarge):
		return nil, errBodyTooLarge
	case err.Reason == "reading failed":
		return nil, errCutOff.Because(err)
	case errors.As(err.Err, &parse):
		return nil, errJSON.Because(err)
	case errors.Is(err.Err, openapi3filter.ErrInvalidRequired):
		return append(fields, fault.Field{Path: "body", Code: "required", Message: "is required"}), nil
	case err.Err == nil: // the one reason without an error is the content type
		return nil, errMediaType
	}
	return collect(err.Err, fields, "")
}

func ofParameter(err *openapi3filter.RequestError) []fault.Field {
	p := err.Parameter
	if inner, whole := collect(err.Err, nil, p.Name); whole == nil && len(inner) > 0 {
		return inner
	}
	code, message := "invalid", "does not have the form that is expected"
	var parse *openapi3filter.ParseError
	switch {
	case errors.Is(err.Err, openapi3filter.ErrInvalidRequired):
		code, message = "required", rule("required", nil)
	case errors.Is(err.Err, openapi3filter.ErrInvalidEmptyValue):
		code, message = "required", "must not be empty"
	case errors.As(err.Err, &parse) && p.Schema != nil:
		code, message = "type", rule("type", p.Schema.Value)
	}
	return []fault.Field{{Path: p.Name, Code: code, Message: message}}
}
