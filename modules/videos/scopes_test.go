package videos_test

import (
	"net/http"
	"strings"
	"testing"
)

// A token of one kind of scope opens the routes of that kind and no others, and is refused before anything is looked up.
func TestRoutesNeedTheirScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.submit("ann")
	reads := []struct{ method, path string }{
		{http.MethodGet, "/jobs"},
		{http.MethodGet, "/jobs/active"},
		{http.MethodGet, "/system/stats"},
		{http.MethodGet, "/user/preferences"},
		{http.MethodGet, "/jobs/" + id + "/status"},
		{http.MethodGet, "/jobs/" + id + "/progress"},
		{http.MethodGet, "/jobs/" + id + "/plan"},
		{http.MethodGet, "/jobs/" + id + "/download"},
		{http.MethodGet, "/jobs/" + id + "/frames"},
		{http.MethodHead, "/jobs/" + id + "/download"},
	}
	writes := []struct{ method, path string }{
		{http.MethodPut, "/user/preferences"}, {http.MethodPost, "/submit"}, {http.MethodPost, "/jobs/" + id + "/cancel"}, {http.MethodDelete, "/jobs/" + id},
	}
	with := func(r struct{ method, path string }, scopes ...string) answer {
		return w.do("", r.method, r.path, nil, "Authorization", "Bearer "+w.token("ann", scopes...))
	}
	for scope, group := range map[string][]struct{ method, path string }{"videos:read": writes, "videos:write": reads, "account:read admin": append(reads, writes...)} {
		for _, r := range group {
			a := with(r, strings.Fields(scope)...)
			if a.status != http.StatusForbidden || !strings.Contains(a.header.Get("WWW-Authenticate"), `error="insufficient_scope"`) {
				t.Errorf("%s %s with %s: %d %v", r.method, r.path, scope, a.status, a.header)
			}
		}
	}
	for _, r := range reads {
		if a := with(r, "videos:read"); a.status == http.StatusForbidden || a.status == http.StatusUnauthorized {
			t.Errorf("%s %s with videos:read: %d %s", r.method, r.path, a.status, a.body)
		}
	}
	if s := w.status("ann", id); s != "pending" {
		t.Errorf("the job is %s after refused attempts", s)
	}
	for _, r := range writes {
		if a := with(r, "videos:write"); a.status == http.StatusForbidden || a.status == http.StatusUnauthorized {
			t.Errorf("%s %s with videos:write: %d %s", r.method, r.path, a.status, a.body)
		}
	}
}
