package presenter_test

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/videos/internal/presenter"
	"github.com/fiapx/fiapx/platform/authn"
)

// Every operation of the document is a route and every route is in the document; all but the health need a token.
func TestRoutesAreTheDocument(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	api, err := presenter.Compile(doc)
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	e.Logger.SetOutput(io.Discard)
	api.Register(e.Group(""), &presenter.Server{}, authn.NewVerifier(nil, nil, authn.Config{}, time.Now))
	var routes, operations, open []string
	for _, r := range e.Routes() {
		routes = append(routes, r.Method+" "+regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}"))
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			operations = append(operations, strings.ToUpper(method)+" "+path)
			if op.Security != nil && len(*op.Security) == 0 {
				open = append(open, op.OperationID)
			}
		}
	}
	slices.Sort(routes)
	slices.Sort(operations)
	if diff := cmp.Diff(operations, routes); diff != "" || len(routes) != 20 {
		t.Errorf("%d routes: %s", len(routes), diff)
	}
	if diff := cmp.Diff([]string{"getSystemHealth"}, open); diff != "" {
		t.Errorf("operations open to everyone: %s", diff)
	}
}
