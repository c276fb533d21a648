package videos_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var jobRoutes = []struct{ method, path string }{
	{http.MethodGet, "/status"},
	{http.MethodGet, "/progress"},
	{http.MethodGet, "/plan"},
	{http.MethodGet, "/download"},
	{http.MethodGet, "/frames"},
	{http.MethodGet, "/attempts"},
	{http.MethodPost, "/cancel"},
	{http.MethodPost, "/retry"},
	{http.MethodDelete, ""},
}

// A stranger's job, an absent one and a malformed id are one answer: nobody learns what others have.
func TestForeignAbsentAndMalformedJobsAreOneAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := w.submit("ann")
	w.finish(w.claim("w"), 2)
	const absent = "6f2f0a1e-3b1c-4d55-9a60-6a3a3a3a3a3a"
	for _, r := range jobRoutes {
		var want map[string]any
		for _, id := range []string{absent, foreign, "not-a-uuid", foreign[:35], "%2e%2e", foreign + "0"} {
			a := w.do("bob", r.method, "/jobs/"+id+r.path, nil)
			if a.status != http.StatusNotFound {
				t.Errorf("%s %s of %s: %d %s", r.method, r.path, id, a.status, a.body)
				continue
			}
			got := a.json(t)
			maps.DeleteFunc(got, func(k string, _ any) bool { return k == "instance" || k == "request_id" })
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s of %s differs from an absent job: %s", r.method, r.path, id, diff)
			}
		}
	}
	head := w.do("bob", http.MethodHead, "/jobs/"+foreign+"/download", nil)
	if head.status != http.StatusNotFound || head.header.Get("X-Job-ID") != "" {
		t.Errorf("HEAD of a foreign job: %d %v", head.status, head.header)
	}
	if s := w.status("ann", foreign); s != "completed" {
		t.Errorf("the job is %s after the stranger's attempts", s)
	}
	if n := w.get("bob", "/jobs").at(t, "data.statistics.total_jobs"); n != 0.0 {
		t.Errorf("the stranger sees %v jobs", n)
	}
}

func TestRoutesRefuseWithoutAGoodToken(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), newWorld(t)
	id := w.submit("ann")
	old := w.token("ann")
	forged := other.token("ann")
	w.clock.advance(2 * time.Hour)
	routes := append([]struct{ method, path string }{}, jobRoutes...)
	for i := range routes {
		routes[i].path = "/jobs/" + id + routes[i].path
	}
	for _, path := range []string{"/jobs", "/jobs/active", "/system/stats", "/user/preferences"} {
		routes = append(routes, struct{ method, path string }{http.MethodGet, path})
	}
	routes = append(routes, struct{ method, path string }{http.MethodPut, "/user/preferences"}, struct{ method, path string }{http.MethodPost, "/submit"})
	for _, r := range routes {
		for name, header := range map[string]string{
			"none": "", "expired": "Bearer " + old, "of another issuer": "Bearer " + forged, "garbage": "Bearer a.b.c", "basic": "Basic YTpi",
		} {
			a := w.do("", r.method, r.path, nil, "Authorization", header)
			if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with token %s: %d", r.method, r.path, name, a.status)
			}
		}
	}
	if a := w.do("", http.MethodGet, "/system/health", nil); a.status != http.StatusOK {
		t.Errorf("health without a token: %d", a.status)
	}
}
