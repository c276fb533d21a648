package presenter

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// programs are the first parts of addresses that programs call. A wrong address there must read as 404, never as a page.
var programs = []string{
	"auth", "users", "admin", "video-processing", "assets", "docs", "redoc", "openapi.json", "openapi.yaml",
	"health", "system", "livez", "readyz", "metrics", ".well-known",
}

// unknown answers addresses without a route. A browser that opens or reloads an address of the page gets the page; all
// else gets the error that it would have had without the page.
func (p *Pages) unknown(c echo.Context) error {
	request := c.Request()
	if allowed := methods(c.Echo().Routes(), request.URL.Path); len(allowed) > 0 {
		c.Response().Header().Set("Allow", strings.Join(allowed, ", "))
		return echo.ErrMethodNotAllowed
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/"), "/")
	reads := request.Method == http.MethodGet || request.Method == http.MethodHead
	if p.page == nil || !reads || slices.Contains(programs, first) || !wantsPage(request) {
		return echo.ErrNotFound
	}
	return p.page.serve(c)
}

func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// methods lists what the routes offer at path. The router prefers a catch-all to its own 405, so that answer is restored
// here; it is asked only for addresses that failed.
func methods(routes []*echo.Route, path string) []string {
	var found []string
	for _, route := range routes {
		if route.Method != echo.RouteNotFound && !strings.HasSuffix(route.Path, "*") && matches(route.Path, path) {
			found = append(found, route.Method)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// matches compares a route ("/jobs/:id/status") with an address, part by part.
func matches(route, path string) bool {
	want, got := strings.Split(route, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, ":") && g != "" })
}
