package app_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/cmd/internal/app"
)

func environ(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

func find(t *testing.T, name string) app.Target {
	t.Helper()
	target, err := app.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestFlagsWinOverTheEnvironmentAndThatOverDefaults(t *testing.T) {
	t.Parallel()
	home := map[string]string{"HOME": "/home/ana"}
	set := map[string]string{"HOME": "/home/ana", "FIAPX_DATA": "/srv/data", "FIAPX_LISTEN": ":1"}
	tests := map[string]struct {
		target       string
		vars         map[string]string
		flags        app.Overrides
		data, listen string
	}{
		"defaults":             {"all", home, app.Overrides{}, "/home/ana/.local/share/fiapx", "localhost:8080"},
		"each target its port": {"serve-auth", home, app.Overrides{}, "/home/ana/.local/share/fiapx", ":8000"},
		"data folder of XDG": {
			"all",
			map[string]string{"HOME": "/home/ana", "XDG_DATA_HOME": "/xdg"},
			app.Overrides{},
			"/xdg/fiapx", "localhost:8080",
		},
		"environment": {"serve-auth", set, app.Overrides{}, "/srv/data", ":1"},
		"flags":       {"all", set, app.Overrides{Data: "/flag", Listen: ":2"}, "/flag", ":2"},
	}
	for name, tt := range tests {
		cfg, err := app.Load(find(t, tt.target), environ(tt.vars), tt.flags)
		if err != nil || cfg.Data != tt.data || cfg.HTTP.Listen != tt.listen {
			t.Errorf("%s: data %s, listen %s, %v", name, cfg.Data, cfg.HTTP.Listen, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		target string
		vars   map[string]string
		want   []string
	}{
		"no home":             {"all", nil, []string{"--data", "FIAPX_DATA"}},
		"a folder of its own": {"work", map[string]string{"FIAPX_DATA": "/d"}, []string{"FIAPX_STORAGE_SHARED=true", "fiapx all"}},
		"every problem at once": {
			"all",
			map[string]string{"FIAPX_DATA": "/d", "FIAPX_CONCURRENCY": "x", "FIAPX_LEASE": "y"},
			[]string{"FIAPX_CONCURRENCY", "FIAPX_LEASE"},
		},
		"another database": {
			"all", map[string]string{"FIAPX_DATA": "/d", "FIAPX_DATABASE_URL": "mysql://x"}, []string{"FIAPX_DATABASE_URL", "postgres://"},
		},
	}
	for name, tt := range tests {
		_, err := app.Load(find(t, tt.target), environ(tt.vars), app.Overrides{})
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not name %s", name, err, want)
			}
		}
	}
}

func TestSharedFolderIsAccepted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"serve-api", "work"} {
		vars := map[string]string{"FIAPX_DATA": "relative", "FIAPX_STORAGE_SHARED": "true"}
		cfg, err := app.Load(find(t, name), environ(vars), app.Overrides{})
		if err != nil || !filepath.IsAbs(cfg.Data) {
			t.Errorf("%s: %s, %v", name, cfg.Data, err)
		}
	}
	if _, err := app.Load(find(t, "serve-auth"), environ(map[string]string{"FIAPX_DATA": "/d"}), app.Overrides{}); err != nil {
		t.Errorf("serve-auth keeps no files and needs no word about them: %v", err)
	}
}

func TestSettingsHideSecrets(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"FIAPX_DATA": "/d", "FIAPX_DATABASE_URL": "postgres://ana:hunter2@db/x"}
	cfg, err := app.Load(find(t, "all"), environ(vars), app.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, s := range app.Settings(&cfg) {
		found = found || s.Name == "FIAPX_DATABASE_URL"
		if strings.Contains(s.Value, "hunter2") {
			t.Errorf("%s shows the password: %s", s.Name, s.Value)
		}
	}
	if !found {
		t.Error("FIAPX_DATABASE_URL is not listed")
	}
}
