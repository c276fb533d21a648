package videos_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/config"
)

func load(t *testing.T, env map[string]string) (videos.Config, error) {
	t.Helper()
	var cfg videos.Config
	err := config.Load(&cfg, func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	})
	return cfg, err
}

func TestConfigDefaultsAreThoseOfTheTags(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(videos.DefaultConfig(), cfg); diff != "" {
		t.Error(diff)
	}
	if cfg.MaxUpload() != 500<<20 {
		t.Errorf("largest upload %d", cfg.MaxUpload())
	}
}

func TestConfigReadsBothNamesOfTheUploadLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  map[string]string
		want int64
	}{
		{map[string]string{"PROCESSING_MAX_FILE_SIZE_MB": "20"}, 20 << 20},
		{map[string]string{"FIAPX_MAX_FILE_SIZE": "2GiB"}, 2 << 30},
		{map[string]string{"FIAPX_MAX_FILE_SIZE": "1MiB", "PROCESSING_MAX_FILE_SIZE_MB": "20"}, 1 << 20},
	} {
		cfg, err := load(t, c.env)
		if err != nil || cfg.MaxUpload() != c.want {
			t.Errorf("%v: %d, %v", c.env, cfg.MaxUpload(), err)
		}
	}
}

func TestConfigNamesEveryMistake(t *testing.T) {
	t.Parallel()
	cfg := videos.DefaultConfig()
	cfg.Lease, cfg.MaxDisk, cfg.Uploads, cfg.RetentionDays, cfg.OrphanAge, cfg.Rescue = time.Second, 101, 0, -1, 0, 0
	err := cfg.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{"FIAPX_LEASE", "FIAPX_MAX_DISK_USAGE_PERCENT", "FIAPX_MAX_UPLOADS", "FIAPX_RETENTION_DAYS", "FIAPX_ORPHAN_AGE", "FIAPX_RESCUE_INTERVAL"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}
