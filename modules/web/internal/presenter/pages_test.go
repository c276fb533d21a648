package presenter_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/web/internal/presenter"
	"github.com/fiapx/fiapx/platform/httpserver"
)

const one = `{"openapi":"3.0.3","info":{"title":"one","version":"2"},"security":[{"bearer":[]}],"tags":[{"name":"jobs"}],
	"paths":{"/video-processing/jobs":{"get":{"operationId":"list","responses":{"200":{"description":"ok"}}}},
	"/video-processing/jobs/{job_id}/cancel":{"post":{"operationId":"cancel","parameters":[{"name":"job_id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}}},
	"components":{"schemas":{"Problem":{"type":"object"}},"securitySchemes":{"bearer":{"type":"http","scheme":"bearer"}}}}`

const other = `{"openapi":"3.0.3","info":{"title":"two","version":"1"},"paths":{"/auth/login":{"post":{"operationId":"login","responses":{"200":{"description":"ok"}}}}},
	"components":{"schemas":{"Problem":{"type":"object"}}}}`

func spec(t *testing.T, text string) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// server routes the page beside two routes of a program.
func server(t *testing.T, page bool) http.Handler {
	t.Helper()
	s, err := httpserver.New(httpserver.Config{Listen: "localhost:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := presenter.Merge("1.2.3", spec(t, one), spec(t, other))
	if err != nil {
		t.Fatal(err)
	}
	p, err := presenter.New(os.DirFS("../../ui"), doc, page)
	if err != nil {
		t.Fatal(err)
	}
	ok := func(c echo.Context) error { return c.String(http.StatusOK, "ok") }
	s.Root().POST("/auth/login", ok)
	s.Root().POST("/video-processing/jobs/:job_id/cancel", ok)
	p.Routes(s.Root())
	return s.Handler()
}

const browser = "text/html,application/xhtml+xml,*/*;q=0.8"

func ask(t *testing.T, h http.Handler, method, path, accept string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header.Set("Accept", accept)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	h := server(t, true)
	for name, c := range map[string]struct {
		method, path, accept string
		status               int
		contains             string
	}{
		"page":                           {"GET", "/", browser, 200, "<title>fiapx</title>"},
		"page without a body":            {"HEAD", "/", browser, 200, ""},
		"an address of the page":         {"GET", "/jobs/0a1b", browser, 200, "<title>fiapx</title>"},
		"the same for a program":         {"GET", "/jobs/0a1b", "application/json", 404, "problem"},
		"a wrong address of the API":     {"GET", "/video-processing/nothing", browser, 404, `"status":404`},
		"a missing asset":                {"GET", "/assets/nothing.js", browser, 404, `"status":404`},
		"outside of the assets":          {"GET", "/assets/../index.html", browser, 404, `"status":404`},
		"posting to no route":            {"POST", "/jobs/0a1b", browser, 404, `"status":404`},
		"the wrong method":               {"GET", "/auth/login", browser, 405, `"status":405`},
		"the wrong method, with a name":  {"DELETE", "/video-processing/jobs/7/cancel", browser, 405, `"status":405`},
		"an asset":                       {"GET", "/assets/app.js", "*/*", 200, "import"},
		"texts":                          {"GET", "/assets/i18n/pt-BR.json", "*/*", 200, "Quadros"},
		"reference":                      {"GET", "/docs", browser, 200, "fiapx API"},
		"the reference's former address": {"GET", "/redoc", browser, 301, ""},
		"description":                    {"GET", "/openapi.json", "*/*", 200, `"/auth/login"`},
		"description to read":            {"GET", "/openapi.yaml", "*/*", 200, "openapi: 3.0.3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, h, c.method, c.path, c.accept)
			if w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			if !strings.Contains(w.Body.String(), c.contains) {
				t.Errorf("body lacks %q: %s", c.contains, w.Body.String())
			}
		})
	}
}

func TestWrongMethodNamesTheRightOnes(t *testing.T) {
	t.Parallel()
	w := ask(t, server(t, true), "GET", "/auth/login", "*/*")
	if allow := w.Header().Get("Allow"); !strings.Contains(allow, "POST") {
		t.Errorf("Allow is %q, want POST in it", allow)
	}
}

func TestPageCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	h := server(t, false)
	for path, want := range map[string]int{"/": 404, "/jobs/0a1b": 404, "/docs": 200, "/openapi.yaml": 200} {
		if w := ask(t, h, "GET", path, browser); w.Code != want {
			t.Errorf("GET %s: status %d, want %d", path, w.Code, want)
		}
	}
}

func TestCaching(t *testing.T) {
	t.Parallel()
	h := server(t, true)
	for _, path := range []string{"/", "/docs", "/assets/app.css", "/assets/logo.svg", "/openapi.json", "/openapi.yaml"} {
		first := ask(t, h, "GET", path, browser)
		tag := first.Header().Get("ETag")
		if tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("GET %s: ETag %q, Cache-Control %q", path, tag, first.Header().Get("Cache-Control"))
		}
		if again := ask(t, h, "GET", path, browser, "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("GET %s with its ETag: status %d and %d bytes, want 304 and none", path, again.Code, again.Body.Len())
		}
	}
}

func TestContentPolicy(t *testing.T) {
	t.Parallel()
	h := server(t, true)
	for _, path := range []string{"/", "/docs", "/jobs/0a1b", "/assets/app.js"} {
		header := ask(t, h, "GET", path, browser).Header()
		policy := header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self';") || strings.Contains(policy, "unsafe") {
			t.Errorf("GET %s: policy %q", path, policy)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s may be sniffed", path)
		}
	}
}

func TestDescriptionIsValid(t *testing.T) {
	t.Parallel()
	h := server(t, true)
	for _, path := range []string{"/openapi.json", "/openapi.yaml"} {
		doc, err := openapi3.NewLoader().LoadFromData(ask(t, h, "GET", path, "*/*").Body.Bytes())
		if err != nil {
			t.Fatalf("GET %s: %v", path, err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Errorf("GET %s: %v", path, err)
		}
		if s := doc.Paths.Value("/video-processing/jobs").Get.Security; s == nil || len(*s) != 1 {
			t.Errorf("GET %s: the document's security was lost", path)
		}
		if s := doc.Paths.Value("/auth/login").Post.Security; s != nil {
			t.Errorf("GET %s: the other document's security was added: %v", path, *s)
		}
	}
}

func TestDescriptionsThatCollideAreRefused(t *testing.T) {
	t.Parallel()
	otherBearer := strings.ReplaceAll(one, "/video-processing/", "/x/")
	otherBearer = strings.Replace(otherBearer, `"scheme":"bearer"`, `"scheme":"basic"`, 1)
	for name, specs := range map[string][]*openapi3.T{
		"none":                      nil,
		"a path twice":              {spec(t, one), spec(t, one)},
		"two schemes with one name": {spec(t, one), spec(t, otherBearer)},
	} {
		if _, err := presenter.Merge("", specs...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A component that differs is renamed, and with it the one that only refers to it.
func TestComponentsOfTheSameNameAreKeptApart(t *testing.T) {
	t.Parallel()
	const text = `{"openapi":"3.0.3","info":{"title":"fiapx %s","version":"1"},"paths":{"/%s":{"get":{"operationId":"%s",
		"responses":{"400":{"$ref":"#/components/responses/Wrong"}}}}},"components":{
		"responses":{"Wrong":{"description":"wrong","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}},
		"schemas":{"Problem":{"type":"object","description":"%s"},"Same":{"type":"integer"}}}}`
	write := func(name string) *openapi3.T { return spec(t, strings.ReplaceAll(text, "%s", name)) }
	merged, err := presenter.Merge("", write("auth"), write("videos"))
	if err != nil {
		t.Fatal(err)
	}
	if err := merged.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/auth": "auth", "/videos": "videos"} {
		schema := merged.Paths.Value(path).Get.Responses.Value("400").Value.Content["application/json"].Schema.Value
		if schema.Description != want {
			t.Errorf("%s answers with the problem of %s", path, schema.Description)
		}
	}
	if n := len(merged.Components.Schemas); n != 3 {
		t.Errorf("%d schemas, want Problem, VideosProblem and Same", n)
	}
}
