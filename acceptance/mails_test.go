//go:build acceptance

package acceptance

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var secretLink = regexp.MustCompile(`(http://\S+)/(verify|reset)#(\S+)`)

// secret takes the one out of a mail's link, which must lead to the page.
func (w *world) secret(t *testing.T, l letter, page string) string {
	t.Helper()
	found := secretLink.FindStringSubmatch(l.text)
	if found == nil || found[1] != "http://"+w.d.api || found[2] != page {
		t.Fatalf("no link to %s/%s in:\n%s", w.d.api, page, l.text)
	}
	return found[3]
}

// forgottenPassword: a link by mail, a new password, all sessions over, and a mail that says so.
func forgottenPassword(t *testing.T, w *world) {
	u := w.signIn(t)
	ask := func(identifier string) object {
		return w.json(t, http.StatusAccepted, call{method: http.MethodPost, path: "/auth/password/forgot", body: map[string]any{"identifier": identifier}})
	}
	known, unknown := ask(u.name), ask("nobody-"+u.name)
	if known.text(t, "message") != unknown.text(t, "message") {
		t.Error("the answer tells whether the account exists")
	}
	token := w.secret(t, w.d.post.await(t, u.email, "Choose a new password"), "reset")
	reset := func(token, password string) call {
		return call{method: http.MethodPost, path: "/auth/password/reset", body: map[string]any{"token": token, "new_password": password}}
	}
	fresh := "Nine purple lighthouses 7?"
	badLink := refusal{status: []int{http.StatusBadRequest}, code: "auth.link_invalid"}
	refused(t, w.do(t, reset(token+"x", fresh)), badLink)
	refused(t, w.do(t, reset(token, "short")), refusal{status: []int{http.StatusUnprocessableEntity}, field: "new_password"})
	w.json(t, http.StatusOK, reset(token, fresh)).want(t, map[string]any{"success": true})
	refused(t, w.do(t, reset(token, fresh)), badLink)

	refused(t, w.do(t, call{method: http.MethodGet, path: "/users/profile", token: u.token}), refusal{status: []int{http.StatusUnauthorized}})
	w.revokedForJobs(t, u.token)
	u.password = fresh
	w.login(t, u)
	if changed := w.d.post.await(t, u.email, "Your password was changed"); strings.Contains(changed.text, "#") {
		t.Errorf("a mail that nobody asked for holds a secret:\n%s", changed.text)
	}
	w.d.post.await(t, u.email, "Welcome")
}

// TestConfirmedAddresses: where addresses must be confirmed, nobody signs in before.
func TestConfirmedAddresses(t *testing.T) {
	for name, start := range topologies {
		t.Run(name, func(t *testing.T) {
			w := newWorld(deploy(t, start, "FIAPX_VERIFY_EMAIL=true"))
			u := w.register(t)
			login := call{method: http.MethodPost, path: "/auth/login", body: map[string]any{"identifier": u.email, "password": u.password}}
			refused(t, w.do(t, login), refusal{status: []int{http.StatusUnauthorized}, code: "auth.email_unverified"})
			token := w.secret(t, w.d.post.await(t, u.email, "Confirm your e-mail address"), "verify")
			verify := call{method: http.MethodPost, path: "/auth/verify-email", body: map[string]any{"token": token}}
			w.json(t, http.StatusOK, verify).want(t, map[string]any{"success": true})
			refused(t, w.do(t, verify), refusal{status: []int{http.StatusBadRequest}, code: "auth.link_invalid"})
			w.login(t, u)
			w.d.stop(t)
		})
	}
}

// confirming drives the routes of confirmation where none is needed.
func confirming(t *testing.T, w *world) {
	u := w.register(t)
	again := call{method: http.MethodPost, path: "/auth/verify-email/resend", body: map[string]any{"identifier": u.email}}
	w.json(t, http.StatusAccepted, again).want(t, map[string]any{"success": true})
	token := w.secret(t, w.d.post.await(t, u.email, "Confirm your e-mail address"), "verify")
	w.json(t, http.StatusOK, call{method: http.MethodPost, path: "/auth/verify-email", body: map[string]any{"token": token}})
	refused(t, w.do(t, call{method: http.MethodPost, path: "/auth/verify-email", body: map[string]any{"token": "x"}}),
		refusal{status: []int{http.StatusBadRequest}, code: "auth.link_invalid"})
}

// jobMails: the owner of a job hears how it ended, once, if he wants to.
func jobMails(t *testing.T, w *world) {
	u := w.signIn(t)
	id := w.submit(t, u, shortClip(t), nil)
	w.reach(t, u, id, "completed", time.Minute)
	done := w.d.post.await(t, u.email, "Frames ready: ")
	if !strings.Contains(done.text, "http://"+w.d.api+"/jobs/"+id) || strings.Contains(done.text, "#") {
		t.Errorf("the mail does not lead to the job, or holds a secret:\n%s", done.text)
	}
	quiet := w.signIn(t)
	w.wish(t, quiet, map[string]any{"job_completion": false})
	w.reach(t, quiet, w.submit(t, quiet, shortClip(t), nil), "completed", time.Minute)
	w.wish(t, u, map[string]any{"language": "pt-BR"})
	later := w.submit(t, u, shortClip(t), nil)
	w.reach(t, u, later, "completed", time.Minute)
	if told := w.d.post.await(t, u.email, "Quadros prontos: "); !strings.Contains(told.text, later) {
		t.Errorf("not the mail of job %s:\n%s", later, told.text)
	}
	if got := w.d.post.to(quiet.email); len(got) != 1 { // the welcome; mails of later ends are out by now
		t.Errorf("mails to one who wanted none: %v", got)
	}
}

func (w *world) wish(t *testing.T, u user, notifications map[string]any) {
	t.Helper()
	w.json(t, http.StatusOK, call{
		method: http.MethodPut, path: "/video-processing/user/preferences", token: u.token,
		body: map[string]any{"notifications": notifications},
	})
}

// TestMailOutage: the mail server is away while jobs run. They take no longer, and each owner gets one mail when it is back.
func TestMailOutage(t *testing.T) {
	for name, start := range topologies {
		t.Run(name, func(t *testing.T) {
			w := newWorld(deploy(t, start))
			u := w.signIn(t)
			took := func() time.Duration {
				begun := time.Now()
				id := w.submit(t, u, shortClip(t), nil)
				w.reach(t, u, id, "completed", time.Minute)
				return time.Since(begun)
			}
			with := took()
			w.d.post.await(t, u.email, "Frames ready: ")
			w.d.post.shut(true)
			without := took()
			offered := w.d.post.turnedAway()
			eventually(t, 20*time.Second, func() bool { return w.d.post.turnedAway() > offered })
			w.d.post.shut(false)
			eventually(t, 60*time.Second, func() bool { return len(w.d.post.to(u.email)) == 3 })
			ids := map[string]int{}
			for _, l := range w.d.post.to(u.email) {
				ids[l.id]++
			}
			if len(ids) != 3 || len(w.d.post.to(u.email)) != 3 {
				t.Errorf("mails %v, want the welcome and one for each of two jobs", ids)
			}
			t.Logf("job %v with the mail server, %v without it; turned away %d times; mails per job 1", with, without, w.d.post.turnedAway())
			if without > 2*with+3*time.Second {
				t.Errorf("a job took %v without the mail server and %v with it", without, with)
			}
			w.d.stop(t)
		})
	}
}
