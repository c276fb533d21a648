package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/fiapx/fiapx/modules/processing"
	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/fault"
)

// Finding is what one examination gave.
type Finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// Examine looks at everything that a server needs, one thing after the other, and changes nothing that lasts.
func Examine(ctx context.Context, cfg Config) []Finding {
	checks := []struct {
		name string
		look func(context.Context, Config) (string, error)
	}{
		{"data folder", checkData},
		{"disk space", checkDisk},
		{"engine", checkEngine},
		{"cage", checkCage},
		{"databases", checkDatabases},
		{"cache", checkCache},
		{"bus", checkBus},
		{"address", checkAddress},
	}
	findings := make([]Finding, 0, len(checks))
	for _, c := range checks {
		detail, err := c.look(ctx, cfg)
		if err != nil {
			detail = err.Error()
		}
		findings = append(findings, Finding{Check: c.name, OK: err == nil, Detail: detail})
	}
	return findings
}

// Settings are all settings with the values they have, secrets redacted.
func Settings(cfg *Config) []config.Setting { return config.Dump(cfg) }

// nearest is the folder, or the one above it that exists.
func nearest(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func checkData(_ context.Context, cfg Config) (string, error) {
	dir := nearest(cfg.Data)
	probe, err := os.CreateTemp(dir, ".fiapx-doctor-*")
	if err != nil {
		return "", fmt.Errorf("%s is not writable; choose another folder with --data", dir)
	}
	err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	if dir != cfg.Data {
		return cfg.Data + " will be made at the first start", err
	}
	return cfg.Data, err
}

func checkDisk(_ context.Context, cfg Config) (string, error) {
	var fs unix.Statfs_t
	dir := nearest(cfg.Data)
	if err := unix.Statfs(dir, &fs); err != nil {
		return "", fmt.Errorf("the disk of %s cannot be examined: %w", dir, err)
	}
	free := float64(fs.Bavail) * float64(fs.Bsize)
	used := 100 - 100*float64(fs.Bavail)/float64(max(1, fs.Blocks))
	text := fmt.Sprintf("%.1f GB free, %.0f %% used", free/1e9, used)
	if used > cfg.Videos.MaxDisk {
		return "", fmt.Errorf("%s; uploads are refused above %.0f %% (FIAPX_MAX_DISK_USAGE_PERCENT)", text, cfg.Videos.MaxDisk)
	}
	return text, nil
}

// nonsense is no video, which is what a working engine says.
type nonsense struct{ *bytes.Reader }

// checkEngine has the decoder's child process judge a file that is no video: if it says so, it starts, is confined and
// has its libraries.
func checkEngine(ctx context.Context, cfg Config) (string, error) {
	_, err := processing.Probe(ctx, cfg.Processing, nonsense{bytes.NewReader(bytes.Repeat([]byte("no video "), 1000))})
	if fault.KindOf(err) == fault.Invalid {
		return "decodes in a child process of its own", nil
	}
	if err == nil {
		return "", errors.New("it took nonsense for a video")
	}
	return "", errors.New(fault.From(err).Message)
}

func checkDatabases(ctx context.Context, cfg Config) (string, error) {
	var states []string
	for _, module := range withDatabase {
		if cfg.Database.URL.Reveal() == "" {
			if _, err := os.Stat(filepath.Join(cfg.Data, module+".db")); err != nil {
				states = append(states, module+" will be made at the first start")
				continue
			}
		}
		if err := checkDatabase(ctx, cfg, module); err != nil {
			return "", err
		}
		states = append(states, module+" is up to date")
	}
	return strings.Join(states, ", "), nil
}

func checkDatabase(ctx context.Context, cfg Config, module string) error {
	db, err := database.Open(ctx, cfg.options(module, nil))
	if err != nil {
		return err
	}
	return errors.Join(forOperator(database.CheckVersion(ctx, db, module)), database.Close(db))
}

func checkAddress(ctx context.Context, cfg Config) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.HTTP.Listen)
	if err != nil {
		return "", fmt.Errorf("%s cannot be listened on; a server may run there already, or choose another with --listen", cfg.HTTP.Listen)
	}
	return cfg.HTTP.Listen + " is free", listener.Close()
}
