package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// kinds is the inverse of what the server does.
var kinds = map[int]fault.Kind{
	http.StatusBadRequest:            fault.Invalid,
	http.StatusUnprocessableEntity:   fault.Unprocessable,
	http.StatusUnauthorized:          fault.Unauthenticated,
	http.StatusForbidden:             fault.Forbidden,
	http.StatusNotFound:              fault.NotFound,
	http.StatusConflict:              fault.Conflict,
	http.StatusGone:                  fault.Gone,
	http.StatusRequestEntityTooLarge: fault.TooLarge,
	http.StatusUnsupportedMediaType:  fault.Unsupported,
	http.StatusTooManyRequests:       fault.RateLimited,
	http.StatusServiceUnavailable:    fault.Unavailable,
	http.StatusInternalServerError:   fault.Internal,
}

// accept lets successes pass and makes a fault of everything else.
func accept(answer *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < http.StatusMultipleChoices {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, problem(answer)
}

func problem(answer *http.Response) error {
	var body struct {
		Detail    string        `json:"detail"`
		Code      string        `json:"code"`
		RequestID string        `json:"request_id"`
		Errors    []fault.Field `json:"errors"`
	}
	kind, known := kinds[answer.StatusCode]
	if !known {
		kind = fault.Unavailable // such as a gateway that has lost its server
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err == nil {
		err = json.Unmarshal(text, &body)
	}
	if err != nil || body.Detail == "" || body.Code == "" {
		return fault.New(kind, "client.unexplained",
			fmt.Sprintf("The server answered %q without an explanation; check the address given with --server, and try again.", answer.Status)).Because(err)
	}
	f := fault.New(kind, body.Code, body.Detail)
	f.Fields = body.Errors
	if answer.StatusCode == http.StatusInternalServerError && body.RequestID != "" {
		f.Message += " (request id " + body.RequestID + ")"
	}
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
		f.RetryAfter = time.Duration(seconds) * time.Second
	}
	return f
}
