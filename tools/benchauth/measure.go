package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// row is one measurement.
type row struct {
	database, work string
	done, refused  int
	took, used     time.Duration
	p50, p99       time.Duration
}

func (r row) each() time.Duration { return r.used / time.Duration(max(1, r.done)) }

const password = "three blind mice ran"

func measure(ctx context.Context, o options, name, url string) ([]row, error) {
	s, err := start(ctx, o, url)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	users, tokens, err := s.people(ctx, o.clients)
	if err != nil {
		return nil, err
	}
	works := []struct {
		name string
		call func(client int) (int, []byte, error)
	}{
		{"sign in", func(i int) (int, []byte, error) {
			return s.call(ctx, http.MethodPost, "/auth/login", "", map[string]any{"identifier": users[i], "password": password})
		}},
		{"validate an access token", func(i int) (int, []byte, error) { return s.call(ctx, http.MethodGet, "/auth/validate", tokens[i], nil) }},
		{"profile (verify, then read)", func(i int) (int, []byte, error) { return s.call(ctx, http.MethodGet, "/users/profile", tokens[i], nil) }},
	}
	var rows []row
	for _, w := range works {
		r, err := s.load(o, w.call)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		r.database, r.work = name, w.name
		fmt.Printf("%-11s %-28s %6.0f a second\n", name, w.name, float64(r.done)/r.took.Seconds())
		rows = append(rows, r)
	}
	return rows, nil
}

// people registers one user for each client and signs them in.
func (s *server) people(ctx context.Context, n int) (users, tokens []string, err error) {
	stamp := time.Now().UnixNano()
	for i := range n {
		name := fmt.Sprintf("bench-%x-%d", stamp, i)
		status, answer, err := s.call(ctx, http.MethodPost, "/auth/register", "", map[string]any{
			"email": name + "@example.com", "username": name, "password": password, "first_name": "B", "last_name": "B",
		})
		if err != nil || status != http.StatusCreated {
			return nil, nil, fmt.Errorf("register: %d %s %w", status, answer, err)
		}
		status, answer, err = s.call(ctx, http.MethodPost, "/auth/login", "", map[string]any{"identifier": name, "password": password})
		var in struct {
			Data struct {
				Token string `json:"access_token"`
			} `json:"data"`
		}
		if err != nil || status != http.StatusOK || json.Unmarshal(answer, &in) != nil {
			return nil, nil, fmt.Errorf("sign in: %d %s %w", status, answer, err)
		}
		users, tokens = append(users, name), append(tokens, in.Data.Token)
	}
	return users, tokens, nil
}

// load has every client call again and again until the time is up.
func (s *server) load(o options, call func(client int) (int, []byte, error)) (r row, err error) {
	before, err := s.used()
	if err != nil {
		return r, err
	}
	var mu sync.Mutex
	var samples []time.Duration
	var wg sync.WaitGroup
	begun := time.Now()
	for i := range o.clients {
		wg.Go(func() {
			for time.Since(begun) < o.length {
				start := time.Now()
				status, answer, callErr := call(i)
				took := time.Since(start)
				mu.Lock()
				switch {
				case callErr == nil && status == http.StatusOK:
					samples = append(samples, took)
				case callErr == nil && status == http.StatusServiceUnavailable:
					r.refused++
				default:
					err = fmt.Errorf("%d %s %w", status, answer, callErr)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err != nil || len(samples) == 0 {
		return r, fmt.Errorf("%w: %w", errNothing, err)
	}
	r.took = time.Since(begun)
	after, err := s.used()
	slices.Sort(samples)
	r.done, r.used = len(samples), after-before
	r.p50, r.p99 = samples[len(samples)/2], samples[len(samples)*99/100]
	return r, err
}
