package app

import (
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
)

// mailed builds a target with these settings.
func mailed(t *testing.T, name string, env map[string]string) (*process, error) {
	t.Helper()
	target, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	environ := func(variable string) (string, bool) { v, ok := env[variable]; return v, ok }
	cfg, err := Load(Target{}, environ, Overrides{Data: t.TempDir(), Listen: "0.0.0.0:8080"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := build(t.Context(), target, cfg, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Cleanup(func() {
			if err := p.close(); err != nil {
				t.Error(err)
			}
		})
	}
	return p, err
}

func TestMailIsSentWhereItArises(t *testing.T) {
	t.Parallel()
	folder := map[string]string{"FIAPX_MAIL_DIR": filepath.Join(t.TempDir(), "mails"), "FIAPX_PUBLIC_URL": "https://frames.example"}
	about := []string{"auth-mail", "notify-mail", "notify-events", "notify-sweep"}
	for name, want := range map[string][]string{"all": about, "serve-auth": about[:1], "serve-api": nil, "work": about[1:]} {
		p, err := mailed(t, name, folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, service := range about {
			if got := slices.Contains(serviceNames(p), service); got != slices.Contains(want, service) {
				t.Errorf("%s runs %s: %v", name, service, got)
			}
		}
	}
}

func TestLinksInMailsLeadSomewhere(t *testing.T) {
	t.Parallel()
	server := map[string]string{"FIAPX_SMTP_HOST": "mail.example.org", "FIAPX_MAIL_FROM": "a@example.org"}
	for _, name := range []string{"serve-auth", "work"} {
		if _, err := mailed(t, name, server); !errors.Is(err, errNoLinks) {
			t.Errorf("%s: %v, want %v", name, err, errNoLinks)
		}
	}
	p, err := mailed(t, "all", server)
	if err != nil || p.cfg.Mail.Links != "http://localhost:8080" {
		t.Errorf("all: %v, links lead to %q", err, p.cfg.Mail.Links)
	}
}
