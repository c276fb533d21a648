package presenter_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/fiapx/fiapx/modules/auth/internal/presenter"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/fault"
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
		Closed:  func(context.Context) ([]string, error) { return []string{}, nil },
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

// What a token must allow is said by the contract and done by the router, and they must not differ.
func TestScopesAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"account:read", "account:write", "videos:read", "videos:write", "admin"}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if !mandatory(operation) {
				continue
			}
			scope, _ := operation.Extensions["x-scope"].(string)
			others := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == scope })
			if got := reaches(t, method, path, scope); got != http.StatusNoContent {
				t.Errorf("%s %s with the scope %q: %d", method, path, scope, got)
			}
			if got := reaches(t, method, path, others...); got != http.StatusForbidden {
				t.Errorf("%s %s with the scopes %v: %d", method, path, others, got)
			}
		}
	}
}

// reaches calls an operation as an administrator with these scopes; 204 is an answer of what stands behind the checks.
func reaches(t *testing.T, method, path string, scopes ...string) int {
	t.Helper()
	authenticate := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			who := authn.Principal{UserID: "u", SessionID: "s", Scopes: scopes, Roles: []string{"user", "admin"}}
			c.SetRequest(c.Request().WithContext(authn.With(c.Request().Context(), who)))
			return next(c)
		}
	}
	behind := func(echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }
	}
	router := echo.New()
	router.HTTPErrorHandler = func(err error, c echo.Context) {
		if fault.KindOf(err) == fault.Forbidden {
			_ = c.NoContent(http.StatusForbidden)
		}
	}
	presenter.New(presenter.UseCases{}, behind, nil).Routes(router.Group(""), authenticate)
	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, strings.NewReplacer("{", "", "}", "").Replace(path), nil))
	return w.Code
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
