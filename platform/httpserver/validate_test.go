package httpserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/platform/httpserver"
)

const description = `
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things/{id}:
    post:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, minLength: 2}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, rate]
              properties:
                name: {type: string, minLength: 3}
                rate: {type: number, minimum: 0.1, maximum: 60}
                kind: {type: string, enum: [png, jpeg]}
      responses: {"204": {description: ok}}
  /tags:
    put:
      parameters:
        - {name: dry, in: query, schema: {type: boolean}}
        - {name: since, in: query, required: true, schema: {type: string, format: date-time}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              properties:
                tags: {type: array, minItems: 1, maxItems: 2, uniqueItems: true, items: {type: string, maxLength: 1}}
                step: {type: integer, multipleOf: 5}
                inner: {type: object, required: [on], properties: {on: {type: boolean}}}
      responses: {"204": {description: ok}}
  /file:
    post:
      security: [{bearer: []}]
      requestBody:
        required: true
        content:
          multipart/form-data: {schema: {type: object, required: [file], properties: {file: {type: string, format: binary}}}}
      responses: {"204": {description: ok}}
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
`

// described serves the description; its handlers answer 204 whatever they get.
func described(t *testing.T) *httpserver.Server {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(description))
	if err != nil {
		t.Fatal(err)
	}
	validate, err := httpserver.Validator(doc)
	if err != nil {
		t.Fatal(err)
	}
	s := server(t, httpserver.Config{}, io.Discard)
	done := func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }
	s.Root().POST("/things/:id", done, validate)
	s.Root().PUT("/tags", done, validate)
	s.Root().POST("/file", done, validate)
	return s
}

func TestValidator(t *testing.T) {
	t.Parallel()
	s := described(t)
	for _, c := range []struct {
		name, url, body, kind string
		status                int
		fields                map[string]string
	}{
		{"good", "/things/ab?limit=1", `{"name":"abc","rate":1,"other":true}`, "application/json", 204, nil},
		{"no content type is JSON", "/things/ab", `{"name":"abc","rate":1}`, "", 204, nil},
		{"all wrong fields at once", "/things/ab", `{"name":"a","rate":1e9,"kind":"gif"}`, "application/json", 422, map[string]string{"name": "at least 3 characters", "rate": "at most 60", "kind": "one of png, jpeg"}},
		{"missing", "/things/ab", `{}`, "application/json", 422, map[string]string{"name": "required", "rate": "required"}},
		{"wrong type", "/things/ab", `{"name":5,"rate":1}`, "application/json", 422, map[string]string{"name": "must be text"}},
		{"query", "/things/ab?limit=0", `{"name":"abc","rate":1}`, "application/json", 422, map[string]string{"limit": "at least 1"}},
		{"query of another type", "/things/ab?limit=many", `{"name":"abc","rate":1}`, "application/json", 422, map[string]string{"limit": "whole number"}},
		{"not JSON", "/things/ab", `{"name":`, "application/json", 422, map[string]string{}},
		{"empty", "/things/ab", ``, "application/json", 422, map[string]string{"body": "required"}},
		{"another media type", "/things/ab", `a=b`, "text/plain", 415, nil},
		{"another kind of JSON", "/things/ab", `{}`, "application/geo+json", 415, nil},
		{"a stream where none is taken", "/things/ab", `--b`, "multipart/form-data; boundary=b", 415, nil},
		{"bytes where none are taken", "/things/ab", `x`, "application/octet-stream", 415, nil},
		{"charset", "/things/ab", `{"name":"abc","rate":1}`, "application/json; charset=utf-8", 204, nil},
		{"null", "/things/ab", `{"name":null,"rate":1}`, "application/json", 422, map[string]string{"name": "must not be null"}},
		{"a list", "/things/ab", `[]`, "application/json", 422, map[string]string{"body": "must be an object"}},
		{"path", "/things/a", `{"name":"abc","rate":1}`, "application/json", 422, map[string]string{"id": "at least 2 characters"}},
		{"empty parameter", "/things/ab?limit=", `{"name":"abc","rate":1}`, "application/json", 422, map[string]string{"limit": "must not be empty"}},
		{"too large", "/things/ab", `{"name":"` + strings.Repeat("a", 2<<20) + `"}`, "application/json", 413, nil},
	} {
		r := httptest.NewRequest(http.MethodPost, c.url, strings.NewReader(c.body))
		if c.kind != "" {
			r.Header.Set("Content-Type", c.kind)
		}
		w := do(s, r)
		if w.Code != c.status {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body.String())
			continue
		}
		if c.fields == nil {
			continue
		}
		p := problem(t, w)
		if len(p.Errors) != len(c.fields) {
			t.Errorf("%s: %+v", c.name, p.Errors)
		}
		for _, f := range p.Errors {
			if want, ok := c.fields[f.Path]; !ok || !strings.Contains(f.Message, want) {
				t.Errorf("%s: field %s says %q", c.name, f.Path, f.Message)
			}
		}
		told := strings.ReplaceAll(w.Body.String(), p.RequestID, "") // a random id may hold anything
		if strings.Contains(told, "1e9") || strings.Contains(told, "gif") {
			t.Errorf("%s repeats what was sent: %s", c.name, w.Body.String())
		}
	}
}

func TestRulesInWords(t *testing.T) {
	t.Parallel()
	s := described(t)
	for query, want := range map[string]string{
		"":                            "since is required",
		"?since=today":                "since must be a date and time, as in 2030-01-31T12:00:00Z",
		"?since=2030-01-31T12:00:00Z": "",
		"?since=2030-01-31T12:00:00Z&dry=perhaps": "dry must be true or false",
	} {
		w := do(s, httptest.NewRequest(http.MethodPut, "/tags"+query, nil))
		if want == "" && w.Code != http.StatusNoContent || want != "" && problem(t, w).Detail != "Correct the request: "+want+"." {
			t.Errorf("%q: %d %s", query, w.Code, w.Body)
		}
	}
	for body, want := range map[string]string{
		`{"tags":[]}`:              "tags must have at least 1 entry",
		`{"tags":["a","b","c"]}`:   "tags must have at most 2 entries",
		`{"tags":["a","a"]}`:       "tags must not have the same entry twice",
		`{"tags":["a","secret"]}`:  "tags.1 must have at most 1 character",
		`{"step":7}`:               "step must be a multiple of 5",
		`{"inner":{}}`:             "inner.on is required",
		`{"inner":{"on":"maybe"}}`: "inner.on must be true or false",
		`{"inner":"secret"}`:       "inner must be an object",
		`{"tgas":"secret"}`:        "body has a field that is not known here; check the spelling",
	} {
		r := httptest.NewRequest(http.MethodPut, "/tags?since=2030-01-31T12:00:00Z", strings.NewReader(body))
		w := do(s, r)
		if p := problem(t, w); p.Status != 422 || p.Detail != "Correct the request: "+want+"." || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %+v", body, p)
		}
	}
}

// An upload is its handler's to read: nothing of it may be buffered or counted here.
func TestStreamsPassUnread(t *testing.T) {
	t.Parallel()
	body := &counting{left: 8 << 20}
	r := httptest.NewRequest(http.MethodPost, "/file", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	if w := do(described(t), r); w.Code != http.StatusNoContent || body.reads != 0 {
		t.Errorf("%d after %d reads: %s", w.Code, body.reads, w.Body)
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/things/ab", io.MultiReader(strings.NewReader(`{"na`), &counting{err: io.ErrUnexpectedEOF}))
	if w := do(described(t), r); w.Code != http.StatusBadRequest || problem(t, w).Code != "request.cut_off" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// counting is a body of so many zeros, and then an error.
type counting struct {
	left, reads int
	err         error
}

func (c *counting) Read(p []byte) (int, error) {
	c.reads++
	if c.err != nil {
		return 0, c.err
	}
	if c.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), c.left)
	c.left -= n
	return n, nil
}
