package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fiapx/fiapx/cmd/internal/client"
	"github.com/fiapx/fiapx/platform/fault"
)

// server is a fiapx as far as these tests need one: tokens count up, and only the newest is good.
type server struct {
	*http.ServeMux
	token    atomic.Int64
	lifetime atomic.Int64 // seconds
	refresh  atomic.Int64 // calls
}

func newServer(t *testing.T) (*server, string) {
	t.Helper()
	s := &server{ServeMux: http.NewServeMux()}
	s.lifetime.Store(900)
	s.HandleFunc("POST /auth/login", func(w http.ResponseWriter, r *http.Request) {
		var in map[string]any
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in["password"] != "right" {
			problem(w, 401, `"code":"auth.invalid_credentials","detail":"Invalid email/username or password."`)
			return
		}
		s.grant(w)
	})
	s.HandleFunc("POST /auth/refresh", func(w http.ResponseWriter, r *http.Request) {
		s.refresh.Add(1)
		text, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(text), fmt.Sprintf("refresh-%d", s.token.Load())) {
			problem(w, 401, `"code":"auth.session_ended","detail":"The session has ended."`)
			return
		}
		s.grant(w)
	})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func (s *server) grant(w http.ResponseWriter) {
	n := s.token.Add(1)
	fmt.Fprintf(w, `{"data":{"access_token":"access-%d","refresh_token":"refresh-%d","expires_in":%d,"user":{"username":"ana"}}}`,
		n, n, s.lifetime.Load())
}

// guarded answers only whoever has the newest token.
func (s *server) guarded(pattern string, handle http.HandlerFunc) {
	s.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer access-%d", s.token.Load()) {
			problem(w, 401, `"code":"token.invalid","detail":"The token is not valid."`)
			return
		}
		handle(w, r)
	})
}

func problem(w http.ResponseWriter, status int, members string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"status":%d,%s}`, status, members)
}

func connect(t *testing.T, dir, url string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{Server: url, Store: client.Store{Dir: dir}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func login(t *testing.T, dir, url string) *client.Client {
	t.Helper()
	c := connect(t, dir, url)
	if name, err := c.Login(t.Context(), "ana", "right", false); err != nil || name != "ana" {
		t.Fatalf("login: %q, %v", name, err)
	}
	return c
}

func TestSessionIsKeptForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	s, url := newServer(t)
	s.guarded("GET /video-processing/jobs", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":{"jobs":[{"id":"1","status":"completed"}]}}`)
	})
	dir := filepath.Join(t.TempDir(), "fiapx")
	login(t, dir, url)
	info, err := os.Stat(filepath.Join(dir, "credentials.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("credentials: %v, %v", info.Mode(), err)
	}
	// Another command, without --server, uses the server of the last login.
	c := connect(t, dir, "")
	list, raw, err := c.Jobs(t.Context(), "", 0, 20)
	if err != nil || c.Server() != url || len(list.Data.Jobs) != 1 || !json.Valid(raw) {
		t.Errorf("jobs of %s: %+v, %v", c.Server(), list, err)
	}
}

func TestWrongPasswordKeepsNothing(t *testing.T) {
	t.Parallel()
	_, url := newServer(t)
	dir := t.TempDir()
	_, err := connect(t, dir, url).Login(t.Context(), "ana", "wrong", false)
	if f := fault.From(err); f.Kind != fault.Unauthenticated || f.Message != "Invalid email/username or password." {
		t.Errorf("got %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

func TestTokensAreRenewed(t *testing.T) {
	t.Parallel()
	tests := map[string]func(s *server){
		"before they run out":         func(s *server) { s.lifetime.Store(10) },
		"when the server refuses one": func(s *server) { s.lifetime.Store(900) },
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, url := newServer(t)
			prepare(s)
			refused := name == "when the server refuses one"
			s.HandleFunc("GET /video-processing/jobs/1/frames", func(w http.ResponseWriter, r *http.Request) {
				if refused && r.Header.Get("Authorization") == "Bearer access-1" {
					problem(w, 401, `"code":"token.revoked","detail":"The token was revoked."`)
					return
				}
				fmt.Fprint(w, `["frame_000001.png"]`)
			})
			dir := t.TempDir()
			login(t, dir, url)
			s.lifetime.Store(900)
			names, _, err := connect(t, dir, url).Frames(t.Context(), "1")
			if err != nil || len(names) != 1 || s.refresh.Load() != 1 {
				t.Errorf("%v, %v, %d refreshes", names, err, s.refresh.Load())
			}
			// The new refresh token was kept: the old one is spent.
			if text, _ := os.ReadFile(filepath.Join(dir, "credentials.json")); !strings.Contains(string(text), "refresh-2") {
				t.Errorf("kept %s", text)
			}
		})
	}
}

func TestEndedSessionAsksToLogInAgain(t *testing.T) {
	t.Parallel()
	s, url := newServer(t)
	s.guarded("GET /video-processing/jobs/1/frames", func(http.ResponseWriter, *http.Request) {})
	c := login(t, t.TempDir(), url)
	s.token.Add(1) // someone else has taken over
	_, _, err := c.Frames(t.Context(), "1")
	if !errors.Is(err, client.ErrNotLoggedIn) || !strings.Contains(fault.From(err).Message, "fiapx login") {
		t.Errorf("got %v", err)
	}
}

func TestProblemsBecomeFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		kind   fault.Kind
		text   string
	}{
		"problem":     {404, `{"code":"videos.not_found","detail":"There is no such job."}`, fault.NotFound, "There is no such job."},
		"fields":      {422, `{"code":"request.invalid_field","detail":"fps is wrong.","errors":[{"field":"fps"}]}`, fault.Unprocessable, "fps is wrong."},
		"our fault":   {500, `{"code":"internal","detail":"It broke.","request_id":"r-1"}`, fault.Internal, "It broke. (request id r-1)"},
		"a gateway's": {502, `<html>`, fault.Unavailable, `The server answered "502 Bad Gateway" without an explanation; check the address given with --server, and try again.`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, url := newServer(t)
			s.guarded("GET /video-processing/jobs/1/status", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			})
			_, _, err := login(t, t.TempDir(), url).Status(t.Context(), "1")
			f := fault.From(err)
			if f.Kind != tt.kind || f.Message != tt.text {
				t.Errorf("got %s: %s", f.Kind, f.Message)
			}
			if name == "fields" && (len(f.Fields) != 1 || f.Fields[0].Path != "fps" || f.RetryAfter != 7*time.Second) {
				t.Errorf("got %+v", f)
			}
		})
	}
}

func TestUnreachableServerIsNamed(t *testing.T) {
	t.Parallel()
	_, err := connect(t, t.TempDir(), "http://127.0.0.1:1").Login(t.Context(), "ana", "right", false)
	if f := fault.From(err); f.Code != "client.unreachable" || !strings.Contains(f.Message, "http://127.0.0.1:1 ") {
		t.Errorf("got %v", err)
	}
	if _, err := client.New(client.Options{Server: "ftp://x", Store: client.Store{Dir: t.TempDir()}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestLogoutForgetsEvenWithoutTheServer(t *testing.T) {
	t.Parallel()
	s, url := newServer(t)
	var header string
	s.HandleFunc("POST /auth/logout", func(_ http.ResponseWriter, r *http.Request) { header = r.Header.Get("Authorization") })
	dir := t.TempDir()
	if err := login(t, dir, url).Logout(t.Context(), false); err != nil || header != "Bearer refresh-1" {
		t.Errorf("%v, sent %q", err, header)
	}
	if err := connect(t, dir, url).Logout(t.Context(), false); !errors.Is(err, client.ErrNotLoggedIn) {
		t.Errorf("second logout: %v", err)
	}
}
