package smoke

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/cmd/internal/client"
)

// server is a fiapx as far as a run needs one. What it answers can be replaced; what was asked is noted.
type server struct {
	answers map[string]string // "POST /path": a JSON body, or a status before it
	archive []byte
	mu      sync.Mutex
	asked   []string
}

func newServer(t *testing.T, change map[string]string) (*server, *client.Client) {
	t.Helper()
	s := &server{archive: archive(t, right(t, 0)), answers: map[string]string{
		"POST /auth/register":                   `{}`,
		"POST /auth/login":                      `{"data":{"access_token":"a","refresh_token":"r","expires_in":900}}`,
		"POST /users/close-account":             `{}`,
		"POST /video-processing/submit":         `{"data":{"job":{"id":"7"}}}`,
		"GET /video-processing/jobs/7/status":   `{"data":{"job":{"id":"7","status":"completed"}}}`,
		"POST /video-processing/jobs/7/cancel":  `{}`,
		"DELETE /video-processing/jobs/7":       `{}`,
		"GET /video-processing/jobs/7/download": ``,
	}}
	for path, body := range change {
		s.answers[path] = body
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := client.New(client.Options{Server: server.URL, Store: client.Store{Dir: t.TempDir()}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	called := r.Method + " " + r.URL.Path
	s.mu.Lock()
	s.asked = append(s.asked, called)
	s.mu.Unlock()
	body := s.answers[called]
	switch {
	case strings.HasSuffix(called, "/download") && body == "":
		_, _ = w.Write(s.archive)
	case strings.HasPrefix(body, "{"):
		fmt.Fprint(w, body)
	default:
		var status int
		_, _ = fmt.Sscan(body, &status)
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":"some.code","detail":"It said %d."}`, status)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers map[string]string
		says    string // empty is success
		steps   string // the last ones
	}{
		"success":    {nil, "", "register login submit wait download delete job close account"},
		"no account": {map[string]string{"POST /auth/register": "409"}, "register: It said 409.", "register"},
		"no session": {
			map[string]string{"POST /auth/login": "403"},
			"login: It said 403. Then close account: It said 403. (the account ana is left behind)", "register login close account",
		},
		"refused upload": {map[string]string{"POST /video-processing/submit": "503"}, "submit: It said 503.", "register login submit close account"},
		"failed job": {
			map[string]string{"GET /video-processing/jobs/7/status": `{"data":{"job":{"id":"7","status":"failed"},"error":{"message":"No."}}}`},
			"wait: The job 7 did not complete: No.", "register login submit wait delete job close account",
		},
		"lost status":  {map[string]string{"GET /video-processing/jobs/7/status": "404"}, "wait: It said 404.", "wait delete job close account"},
		"no archive":   {map[string]string{"GET /video-processing/jobs/7/download": "500"}, "download: It said 500.", "download delete job close account"},
		"other frames": {map[string]string{"GET /video-processing/jobs/7/download": "{}"}, "download: What was downloaded is no ZIP", "delete job close account"},
		"kept job": {
			map[string]string{"DELETE /video-processing/jobs/7": "500"},
			"delete job: It said 500. (the job 7 is left behind)", "delete job close account",
		},
		"kept account": {
			map[string]string{"POST /users/close-account": "500"},
			"close account: It said 500. (the account ana is left behind)", "close account",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, api := newServer(t, c.answers)
			steps, err := Run(t.Context(), Options{Client: api, Account: &client.Account{Username: "ana"}, Dir: t.TempDir(), Now: time.Now})
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.HasPrefix(spoken(err).Message, c.says)) {
				t.Errorf("says %v, want %q", err, c.says)
			}
			var taken []string
			for _, s := range steps {
				taken = append(taken, s.Name)
			}
			if got := strings.Join(taken, " "); !strings.HasSuffix(got, c.steps) {
				t.Errorf("steps: %s, want at the end %s", got, c.steps)
			}
		})
	}
}

// A job that does not end is stopped, and what was made goes, although the time is over.
func TestRunThatIsTooSlow(t *testing.T) {
	t.Parallel()
	s, api := newServer(t, map[string]string{"GET /video-processing/jobs/7/status": `{"data":{"job":{"id":"7","status":"pending"}}}`})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := Run(ctx, Options{Client: api, Account: &client.Account{Username: "ana"}, Dir: t.TempDir(), Now: time.Now})
	if err == nil || spoken(err).Code != errTooSlow.Code {
		t.Errorf("says %v, want %s", err, errTooSlow.Code)
	}
	for _, call := range []string{"POST /video-processing/jobs/7/cancel", "DELETE /video-processing/jobs/7", "POST /users/close-account"} {
		if !slices.Contains(s.asked, call) {
			t.Errorf("%s was not called", call)
		}
	}
}

// With a key there is no account, and none is closed.
func TestRunWithKey(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, nil)
	web := httptest.NewServer(s)
	defer web.Close()
	api, err := client.New(client.Options{Server: web.URL, Token: "key", Store: client.Store{Dir: t.TempDir()}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), Options{Client: api, Dir: t.TempDir(), Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	for _, call := range s.asked {
		if strings.Contains(call, "/auth/") || strings.Contains(call, "/users/") {
			t.Errorf("%s was called", call)
		}
	}
}
