//go:build acceptance

package acceptance

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// world is what a scenario has: a running deployment and a client for it.
type world struct {
	*client
}

// user is an account with a session.
type user struct {
	id, name, email, password, token, refresh string
}

func newWorld(d *deployment) *world {
	return &world{client: &client{d: d, driven: map[string]bool{}}}
}

// register makes an account that no other scenario knows.
func (w *world) register(t *testing.T) user {
	t.Helper()
	name := "u" + strings.ToLower(rand.Text())[:12]
	u := user{name: name, email: name + "@example.org", password: "Seven green bicycles 42!"}
	q := call{method: http.MethodPost, path: "/auth/register", body: map[string]any{
		"email": u.email, "username": u.name, "password": u.password, "first_name": "Ana", "last_name": "Souza",
	}}
	created := w.json(t, http.StatusCreated, q)
	created.want(t, map[string]any{"success": true, "data.user.email": u.email, "data.user.full_name": "Ana Souza", "data.user.status": "active"})
	u.id = created.text(t, "data.user.id")
	return u
}

// signIn opens a session of a new account.
func (w *world) signIn(t *testing.T) user {
	t.Helper()
	return w.login(t, w.register(t))
}

func (w *world) login(t *testing.T, u user) user {
	t.Helper()
	in := w.post(t, "", "/auth/login", map[string]any{"identifier": u.email, "password": u.password})
	u.token, u.refresh = in.text(t, "data.access_token"), in.text(t, "data.refresh_token")
	return u
}

// submit sends a video and gives the job's id.
func (w *world) submit(t *testing.T, u user, path string, fields map[string]string) string {
	t.Helper()
	form := upload{name: filepath.Base(path), content: read(t, path), fields: fields}
	return w.json(t, http.StatusCreated, form.call(t, u.token)).text(t, "data.job.id")
}

func job(id, rest string) string { return "/video-processing/jobs/" + id + rest }

func (w *world) status(t *testing.T, u user, id string) string {
	t.Helper()
	return w.get(t, u.token, job(id, "/status")).text(t, "data.job.status")
}

// reach waits until the job has the status. Another final status ends the test at once.
func (w *world) reach(t *testing.T, u user, id, want string, limit time.Duration) {
	t.Helper()
	var last string
	ok := eventually(t, limit, func() bool {
		last = w.status(t, u, id)
		if final := last == "completed" || last == "failed" || last == "cancelled"; final && last != want {
			t.Fatalf("job is %s, want %s: %s", last, want, w.do(t, call{method: http.MethodGet, path: job(id, "/status"), token: u.token}).body)
		}
		return last == want
	})
	if !ok {
		t.Fatalf("job is still %s after %v, want %s", last, limit, want)
	}
}

// files lists what the data folder holds besides databases and keys: uploads, results and everything half-made.
func files(t *testing.T, d *deployment) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(d.data, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it vanished while we looked, which is what we want
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name := entry.Name()
		if !strings.Contains(name, ".db") && !strings.Contains(path, "keys") && !strings.HasSuffix(name, ".lock") {
			found[strings.TrimPrefix(path, d.data)] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// nothingLeft asserts that the data folder soon holds the same files as before.
func nothingLeft(t *testing.T, d *deployment, before map[string]bool) {
	t.Helper()
	same := eventually(t, 10*time.Second, func() bool { return maps.Equal(before, files(t, d)) })
	if !same {
		t.Errorf("files left behind (-before +after):\n%s", cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(files(t, d)))))
	}
}
