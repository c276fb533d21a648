package auth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/platform/config"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	cfg := defaults(t)
	if err := cfg.Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	if cfg.Issuer != "fiap-x-auth" || cfg.AccessTTL != 15*time.Minute || cfg.RememberRefreshTTL != 90*24*time.Hour || cfg.PasswordMin != 12 {
		t.Errorf("defaults are %+v", cfg)
	}
	env := map[string]string{
		"FIAPX_AUTH_ALGORITHM": "HS256", "FIAPX_AUTH_PASSWORD_MIN": "4", "FIAPX_AUTH_HASHES": "0", "FIAPX_AUTH_ACCESS_TTL": "0s", "FIAPX_AUTH_TOKEN_CALLS": "0",
	}
	var bad auth.Config
	err := config.Load(&bad, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err == nil {
		err = bad.Validate()
	}
	for name := range env {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
	if _, err := auth.New(auth.Config{}, auth.Deps{}); err == nil {
		t.Error("New accepts an empty configuration")
	}
}

// What was revoked before a restart is known to a fresh cache as soon as the services run.
func TestServicesAnnounceAndStop(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, _ := s.signIn()
	if a := s.call("POST", "/auth/logout", access, ""); a.status != http.StatusOK {
		t.Fatalf("logout: %s", a.raw)
	}
	restarted := s.restart()
	if _, err := restarted.verifier.Verify(t.Context(), access); err != nil {
		t.Fatalf("a fresh cache knows already: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	services := restarted.module.Services()
	done := make(chan error, len(services))
	for _, service := range services {
		go func() { done <- service.Run(ctx) }()
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		if _, err := restarted.verifier.Verify(t.Context(), access); err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the revocation was not announced to the fresh cache")
		}
	}
	cancel()
	for range services {
		if err := <-done; err != nil {
			t.Errorf("service stopped with %v", err)
		}
	}
}
