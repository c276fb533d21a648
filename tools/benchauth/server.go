package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// server is a fiapx serve-auth of its own, with limits far above what is measured.
type server struct {
	cmd    *exec.Cmd
	dir    string // its data folder, removed at the end
	url    string
	client http.Client
}

func start(ctx context.Context, o options, databaseURL string) (*server, error) {
	dir, err := os.MkdirTemp("", "fiapx-bench-auth-*")
	if err != nil {
		return nil, err
	}
	address, err := free(ctx)
	if err != nil {
		return nil, err
	}
	program := filepath.Join(o.root, "bin", "fiapx")
	env := append(os.Environ(), "FIAPX_DATA="+dir, "FIAPX_DATABASE_URL="+databaseURL, "FIAPX_LISTEN="+address, "FIAPX_LOG_LEVEL=error",
		"FIAPX_AUTH_CLIENT_ATTEMPTS=1000000000", "FIAPX_AUTH_TOKEN_CALLS=1000000000", "FIAPX_AUTH_REGISTRATIONS=1000000", "FIAPX_AUTH_PAIR_ATTEMPTS=1000000000")
	if databaseURL != "" {
		up := exec.CommandContext(ctx, program, "migrate", "up")
		if up.Env = env; up.Run() != nil {
			return nil, errors.New("fiapx migrate up failed")
		}
	}
	s := &server{cmd: exec.CommandContext(ctx, program, "serve-auth"), dir: dir, url: "http://" + address}
	s.cmd.Env, s.cmd.Stderr = env, os.Stderr
	s.client.Transport = &http.Transport{MaxIdleConnsPerHost: o.clients}
	s.client.Timeout = time.Minute
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	return s, s.ready(ctx)
}

func free(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *server) ready(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 400 {
		if status, _, err := s.call(ctx, http.MethodGet, "/readyz", "", nil); err == nil && status == http.StatusOK {
			return nil
		}
		<-tick.C
	}
	return errors.New("serve-auth did not become ready in 20 s")
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}

func (s *server) call(ctx context.Context, method, path, token string, body any) (status int, answer []byte, err error) {
	var reader io.Reader = http.NoBody
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		reader = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, reader)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := s.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// used is the processor time of the server so far, from /proc, whose clock ticks a hundred times a second.
func (s *server) used() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), ") ") // the name before may have spaces
	fields := strings.Fields(rest)
	user, userErr := strconv.Atoi(fields[11])
	system, systemErr := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(userErr, systemErr)
}
