package videos_test

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/fiapx/fiapx/platform/authn/authntest"
)

// route is an operation of the contract that needs a caller.
type route struct{ method, path string }

func (r route) String() string { return r.method + " " + r.path }

// ofAdmin says that owning a job does not help: the route is for administrators.
func (r route) ofAdmin() bool { return strings.HasPrefix(r.path, "/admin/") }

func (r route) ofJob() bool { return strings.Contains(r.path, "{job_id}") }

// guardedRoutes come from the contract, so that a new one is in the matrix before anybody thinks of it.
func (w *world) guardedRoutes() (all []route) {
	doc := w.module.OpenAPI()
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			security := doc.Security
			if operation.Security != nil {
				security = *operation.Security
			}
			if len(security) > 0 {
				all = append(all, route{method, strings.TrimPrefix(path, "/video-processing")})
			}
		}
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// try makes the request with that id in the place of the job's, and a fixed request id, so that answers can be compared byte
// by byte. Whatever the client said itself, which is the id, is taken out of the answer.
func (w *world) try(r route, credential, id string) answer {
	w.t.Helper()
	a := w.do("", r.method, strings.ReplaceAll(r.path, "{job_id}", id), nil, "Authorization", credential, "X-Request-ID", "matrix-of-access")
	a.body = bytes.ReplaceAll(a.body, []byte(id), []byte("ID"))
	for _, name := range []string{"Date", "Content-Length"} {
		a.header.Del(name)
	}
	return a
}

func (a answer) same(other answer) string {
	return cmp.Diff(a.body, other.body) + cmp.Diff(map[string][]string(a.header), map[string][]string(other.header))
}

func (w *world) claims(user string) authntest.Fields {
	now := w.clock.Now()
	return authntest.Fields{
		"iss": "fiapx", "aud": "fiapx", "sub": user, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jti": uuid.NewString(),
		"type": "access", "sid": "s-" + user, "email": user + "@mail.test", "username": user,
	}
}

// badCredentials are what must open nothing, for the owner of the job, whose sessions are "s-ann" and "s-gone".
func (w *world) badCredentials() map[string]string {
	w.t.Helper()
	i, claims := authntest.Thief(w.t, w.key, "test"), w.claims("ann")
	past := w.clock.Now().Add(-time.Hour)
	w.must(w.revocations.RevokeSession(w.t.Context(), "s-gone", time.Hour))
	bad := map[string]string{
		"no token":            "",
		"basic":               "Basic YW5uOmFubg==",
		"refresh token":       "Bearer fxr_" + strings.Repeat("a", 43),
		"refresh token (JWT)": "Bearer " + i.Token(i.Header(), claims.But("type", "refresh")),
		"expired":             "Bearer " + i.Token(i.Header(), claims.But("iat", past.Add(-time.Hour).Unix()).But("exp", past.Unix())),
		"wrong audience":      "Bearer " + i.Token(i.Header(), claims.But("aud", "other")),
		"revoked":             "Bearer " + i.Token(i.Header(), claims.But("sid", "s-gone")),
	}
	other := authntest.NewES256(w.t, "ec")
	for _, a := range authntest.Attacks(authntest.Target{Issuer: i, Other: other, Body: claims, Now: w.clock.Now()}) {
		if a.Header && (strings.HasPrefix(a.Name, "alg none") || strings.HasPrefix(a.Name, "HS256") || a.Name == "embedded jwk") {
			bad["forged, "+a.Name] = "Bearer " + a.Token
		}
	}
	return bad
}

const absentJob = "6f2f0a1e-3b1c-4d55-9a60-6a3a3a3a3a3a"

// Every guarded route, with every sort of credential, for one's own job, another's, an absent and a malformed one.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := w.submit("ann")
	w.finish(w.claim("w"), 2)
	own := w.submit("bob")
	w.finish(w.claim("w"), 2)
	routes, bad := w.guardedRoutes(), w.badCredentials()
	if len(routes) < 14 || len(bad) < 12 {
		t.Fatalf("%d routes and %d bad credentials; the matrix has lost some", len(routes), len(bad))
	}
	cells := 0
	for _, r := range routes {
		for name, credential := range bad {
			cells += w.refusesAlike(r, name, credential, []string{foreign, own, absentJob, "not-a-uuid"})
		}
	}
	cells += w.usersAreNoAdmins(routes, []string{foreign, own, absentJob, "not-a-uuid"})
	routes = slices.DeleteFunc(routes, route.ofAdmin)
	cells += w.strangerLearnsNothing(routes, foreign)
	cells += w.ownersAreServed(routes, map[string]string{"bob": own, "ann": foreign})
	t.Logf("%d routes, %d credentials, %d cells", len(routes), len(bad)+2, cells)
}

// refusesAlike: a bad credential is 401 whatever it is shown to, and says nothing about it.
func (w *world) refusesAlike(r route, name, credential string, ids []string) (cells int) {
	w.t.Helper()
	var first answer
	for i, id := range ids {
		a := w.try(r, credential, id)
		if a.status != http.StatusUnauthorized || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
			w.t.Errorf("%s with %s: %d %s", r, name, a.status, a.body)
		}
		if i == 0 {
			first = a
		}
		if diff := first.same(a); diff != "" {
			w.t.Errorf("%s with %s tells jobs apart: %s", r, name, diff)
		}
		cells++
		if !r.ofJob() {
			break
		}
	}
	return cells
}

// usersAreNoAdmins: what is for administrators tells users nothing, not even of their own jobs.
func (w *world) usersAreNoAdmins(routes []route, ids []string) (cells int) {
	w.t.Helper()
	for _, r := range routes {
		if !r.ofAdmin() {
			continue
		}
		first := w.try(r, "Bearer "+w.token("bob"), ids[0])
		for _, id := range ids {
			a := w.try(r, "Bearer "+w.token("bob"), id)
			if a.status != http.StatusForbidden || first.same(a) != "" {
				w.t.Errorf("%s for a user, %s: %d %s", r, id, a.status, a.body)
			}
			cells++
		}
	}
	return cells
}

// strangerLearnsNothing: another's job, an absent one and a malformed id are one answer, byte by byte.
func (w *world) strangerLearnsNothing(routes []route, foreign string) (cells int) {
	w.t.Helper()
	for _, r := range routes {
		if !r.ofJob() {
			continue
		}
		absent := w.try(r, "Bearer "+w.token("bob"), absentJob)
		for _, id := range []string{absentJob, foreign, "not-a-uuid", foreign[:35], foreign + "0", strings.ToUpper(foreign), "00000000-0000-0000-0000-000000000000"} {
			a := w.try(r, "Bearer "+w.token("bob"), id)
			if a.status != http.StatusNotFound {
				w.t.Errorf("%s for a stranger, %s: %d %s", r, id, a.status, a.body)
			}
			if diff := absent.same(a); diff != "" {
				w.t.Errorf("%s for a stranger: %s differs from an absent job: %s", r, id, diff)
			}
			cells++
		}
	}
	for who, want := range map[string]string{"ann": "completed"} {
		if got := w.status(who, foreign); got != want {
			w.t.Errorf("after the stranger's attempts the job is %s", got)
		}
	}
	return cells
}

// ownersAreServed makes sure that the matrix refuses for the credential's sake: with a good one nothing is 401, 403 or 404.
func (w *world) ownersAreServed(routes []route, jobs map[string]string) (cells int) {
	w.t.Helper()
	last := func(r route) bool { return r.method == http.MethodDelete }
	slices.SortStableFunc(routes, func(a, b route) int { return map[bool]int{true: 1}[last(a)] - map[bool]int{true: 1}[last(b)] })
	for _, user := range slices.Sorted(maps.Keys(jobs)) {
		for _, r := range routes {
			a := w.try(r, "Bearer "+w.token(user), jobs[user])
			if slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusInternalServerError}, a.status) {
				w.t.Errorf("%s for %s, the owner: %d %s", r, user, a.status, a.body)
			}
			cells++
		}
	}
	return cells
}
