package presenter_test

import (
	"context"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/presenter"
)

// The contract and the router must name the same routes, in both directions.
func TestParityOfContractAndRoutes(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var contract []string
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			contract = append(contract, method+" "+path)
			if operation.OperationID == "" || operation.Summary == "" {
				t.Errorf("%s %s has no operationId or summary", method, path)
			}
		}
	}
	router := echo.New()
	presenter.New(presenter.UseCases{}, pass, nil).Routes(router.Group(""), pass)
	var served []string
	for _, r := range router.Routes() {
		served = append(served, r.Method+" "+parameter.ReplaceAllString(r.Path, "{$1}"))
	}
	slices.Sort(contract)
	slices.Sort(served)
	if diff := cmp.Diff(contract, served); diff != "" {
		t.Errorf("contract and routes differ: %s", diff)
	}
}

// What needs a caller by the contract is guarded, and nothing else is.
func TestGuardedAsTheContractSays(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	guarded := map[string]bool{}
	mark := func(echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			guarded[c.Request().Method+" "+parameter.ReplaceAllString(c.Path(), "{$1}")] = true
			return nil
		}
	}
	stop := func(echo.HandlerFunc) echo.HandlerFunc { return func(echo.Context) error { return nil } }
	router := echo.New()
	presenter.New(presenter.UseCases{
		Keys:    func() ([]byte, error) { return []byte("{}"), nil },
		Revoked: func(context.Context) ([]string, error) { return nil, nil },
	}, stop, nil).Routes(router.Group(""), mark)
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), method, strings.NewReplacer("{", "", "}", "").Replace(path), nil))
			if got, want := guarded[method+" "+path], mandatory(operation); got != want {
				t.Errorf("%s %s: guarded is %v, the contract says %v", method, path, got, want)
			}
		}
	}
}

// mandatory says whether every alternative of the operation's security asks for something.
func mandatory(operation *openapi3.Operation) bool {
	if operation.Security == nil || len(*operation.Security) == 0 {
		return false
	}
	return !slices.ContainsFunc(*operation.Security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
}

// parameter is how the router writes what the contract writes in braces.
var parameter = regexp.MustCompile(`:(\w+)`)

func pass(next echo.HandlerFunc) echo.HandlerFunc { return next }
