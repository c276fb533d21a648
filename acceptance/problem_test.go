//go:build acceptance

package acceptance

import (
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// refusal is what a failed request must answer.
type refusal struct {
	status []int
	field  string // that errors[] must name; empty asks for none
	code   string // empty accepts any
}

// internals are words that belong in a log, never in an answer.
var internals = regexp.MustCompile(`(?i)sql|gorm|panic|goroutine|\.go:|/tmp/|no rows|constraint|avcodec|errno|<nil>|%!`)

// refused asserts the shape that every error has, and the sentence's manners.
func refused(t *testing.T, a answer, want refusal) object {
	t.Helper()
	if !slices.Contains(want.status, a.status) {
		t.Fatalf("status %d, want one of %v: %s", a.status, want.status, a.body)
	}
	if kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); kind != "application/problem+json" {
		t.Fatalf("content type %q, want application/problem+json: %s", kind, a.body)
	}
	p := decode(t, a.body)
	p.want(t, map[string]any{"status": a.status, "success": false})
	for _, key := range []string{"type", "title", "instance", "request_id"} {
		if p.text(t, key) == "" {
			t.Errorf("%s is empty", key)
		}
	}
	sentence(t, p.text(t, "detail"))
	if code := p.text(t, "code"); code == "" || want.code != "" && code != want.code {
		t.Errorf("code %q, want %q", code, want.code)
	}
	if want.field != "" {
		namesField(t, p, want.field)
	}
	if a.status == http.StatusUnauthorized && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("WWW-Authenticate is %q, want Bearer", a.header.Get("WWW-Authenticate"))
	}
	return p
}

// sentence checks that text is something to show to a person: one finished line without our insides.
func sentence(t *testing.T, text string) {
	t.Helper()
	if len(text) < 10 || len(text) > 300 || strings.ContainsAny(text, "\n\r") || strings.HasSuffix(text, ":") {
		t.Errorf("%q is not one clear sentence", text)
	}
	if found := internals.FindString(text); found != "" {
		t.Errorf("%q speaks of insides: %q", text, found)
	}
}

func namesField(t *testing.T, p object, field string) {
	t.Helper()
	for _, e := range p.list(t, "errors") {
		if e.text(t, "field") == field {
			if e.text(t, "message") == "" || e.text(t, "code") == "" {
				t.Errorf("errors of %s say nothing: %v", field, e.value)
			}
			return
		}
	}
	t.Errorf("errors %v do not name %s", p.at(t, "errors"), field)
}
