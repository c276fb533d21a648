package app

import (
	"errors"
	"path/filepath"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/modules/notify"
	"github.com/fiapx/fiapx/modules/processing"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/modules/web"
	"github.com/fiapx/fiapx/platform/bus/kafka"
	"github.com/fiapx/fiapx/platform/cache/redis"
	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/httpserver"
	"github.com/fiapx/fiapx/platform/mail"
)

// Config is everything that can be set: the process's own settings and those of each part.
type Config struct {
	Data    string `env:"FIAPX_DATA" help:"folder of databases, videos, archives and keys; fiapx in the user's data folder when empty"`
	JWKSURL string `env:"FIAPX_JWKS_URL,FIAPX_AUTH_JWKS_URL" default:"http://localhost:8000/.well-known/jwks.json" help:"where serve-api gets the public keys of serve-auth"`
	Shared  bool   `env:"FIAPX_STORAGE_SHARED" default:"false" help:"the data folder is one that all processes of a split deployment share"`

	Log        LogConfig
	HTTP       httpserver.Config
	Database   database.Config
	Redis      redis.Config
	Kafka      kafka.Config
	Mail       mail.Config
	Auth       auth.Config
	Videos     videos.Config
	Processing processing.Config
	Notify     notify.Config
	Web        web.Config

	Version string // of the program
	Drain   bool   // end when no job is due any more
}

// LogConfig is how the process logs, to standard error.
type LogConfig struct {
	Format string `env:"FIAPX_LOG_FORMAT" default:"auto" help:"text, json, or auto: text on a terminal, JSON elsewhere"`
	Level  string `env:"FIAPX_LOG_LEVEL,APP_LOG_LEVEL" default:"info" help:"debug, info, warn or error"`
}

// Overrides are what flags say; empty says nothing.
type Overrides struct {
	Data   string
	Listen string

	Concurrency int  // jobs at a time
	Drain       bool // end when no job is due any more
}

// Load reads the configuration of a target: defaults, then the environment, then flags. All problems come together.
func Load(t Target, environ func(string) (string, bool), o Overrides) (Config, error) {
	var cfg Config
	if err := config.Load(&cfg, environ); err != nil {
		return cfg, err
	}
	listen, _ := environ("FIAPX_LISTEN")
	if listen == "" && t.Listen != "" {
		cfg.HTTP.Listen = t.Listen
	}
	if o.Listen != "" {
		cfg.HTTP.Listen = o.Listen
	}
	if o.Data != "" {
		cfg.Data = o.Data
	}
	if o.Concurrency > 0 {
		cfg.Processing.Concurrency = o.Concurrency
	}
	cfg.Drain = o.Drain
	if err := cfg.locate(environ); err != nil {
		return cfg, err
	}
	return cfg, errors.Join(config.Check(&cfg), t.check(cfg))
}

// locate makes the data folder absolute, since the engine's child works in another folder, and finds it when it is not set.
func (c *Config) locate(environ func(string) (string, bool)) error {
	if c.Data == "" {
		home, ok := environ("XDG_DATA_HOME")
		if !ok || !filepath.IsAbs(home) {
			user, _ := environ("HOME")
			if user == "" {
				return errors.New("there is no home folder to keep data in; name a folder with --data or FIAPX_DATA")
			}
			home = filepath.Join(user, ".local", "share")
		}
		c.Data = filepath.Join(home, "fiapx")
	}
	absolute, err := filepath.Abs(c.Data)
	c.Data = absolute
	return err
}

// check refuses settings that make no sense together for this target.
func (t Target) check(c Config) error {
	if t.Name == "" || t.Alone || c.Shared || !t.keepsFiles() {
		return nil
	}
	return errors.New(t.Name + " keeps videos and archives in the folder " + c.Data +
		", which the other processes of a split deployment must see too; set FIAPX_STORAGE_SHARED=true if they do, or run 'fiapx all'")
}

// The places within the data folder.
func (c Config) blobs() string { return filepath.Join(c.Data, "blobs") }
func (c Config) keys() string  { return filepath.Join(c.Data, "keys") }
