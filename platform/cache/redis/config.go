package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/fiapx/fiapx/platform/config"
)

// Config is what an operator sets.
type Config struct {
	URL      config.Secret `env:"FIAPX_REDIS_URL,REDIS_URL" help:"redis://user:password@host:6379/0, or rediss:// for TLS; empty keeps the cache in each process's memory"`
	User     string        `env:"FIAPX_REDIS_USER" help:"ACL user, in place of the one in the URL"`
	Password config.Secret `env:"FIAPX_REDIS_PASSWORD,REDIS_PASSWORD" help:"password, in place of the one in the URL"`
	CA       string        `env:"FIAPX_REDIS_CA" help:"file with the certificates (PEM) that sign Redis's own; those of the system when empty"`
	Prefix   string        `env:"FIAPX_REDIS_PREFIX" default:"fiapx:" help:"what the names of all keys begin with, for a Redis that has other users"`
	Timeout  time.Duration `env:"FIAPX_REDIS_TIMEOUT" default:"250ms" help:"how long one call may take; after a call that failed, Redis is left alone for a second"`
	Conns    int           `env:"FIAPX_REDIS_CONNS" default:"20" help:"connections to Redis that a process may hold"`
}

// Enabled says whether there is a Redis to use.
func (c Config) Enabled() bool { return c.URL.Reveal() != "" }

// Validate reports what can be seen to be wrong without connecting.
func (c Config) Validate() error {
	var problems []error
	if c.Enabled() {
		if _, err := redis.ParseURL(c.URL.Reveal()); err != nil {
			// The library's message may repeat the URL, which holds the password.
			problems = append(problems, errors.New("FIAPX_REDIS_URL is no address of a Redis; write redis://host:6379/0, or rediss://host:6379/0 for TLS"))
		}
	}
	if c.Timeout <= 0 || c.Timeout > 10*time.Second {
		problems = append(problems, errors.New("FIAPX_REDIS_TIMEOUT must be above 0 and at most 10s; remove it to use the default"))
	}
	if c.Conns < 1 {
		problems = append(problems, errors.New("FIAPX_REDIS_CONNS must be at least 1; remove it to use the default"))
	}
	return errors.Join(problems...)
}

// options are those of the client. It never tries again by itself: whether a count or a SetNX that got no answer has
// happened is not known, and callers have rules of their own for a cache that fails.
func (c Config) options() (*redis.Options, error) {
	o, err := redis.ParseURL(c.URL.Reveal())
	if err != nil {
		return nil, c.Validate()
	}
	if c.User != "" {
		o.Username = c.User
	}
	if c.Password.Reveal() != "" {
		o.Password = c.Password.Reveal()
	}
	if err := c.trust(o.TLSConfig); err != nil {
		return nil, err
	}
	o.Protocol, o.DisableIdentity = 2, true // what every server that speaks Redis understands
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.PoolSize, o.MaxRetries, o.DialerRetries = c.Conns, -1, 1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = c.Timeout, c.Timeout, c.Timeout, c.Timeout
	o.ContextTimeoutEnabled = true
	return o, nil
}

func (c Config) trust(t *tls.Config) error {
	if c.CA == "" {
		return nil
	}
	if t == nil {
		return errors.New("FIAPX_REDIS_CA is set, but FIAPX_REDIS_URL asks for no TLS; write rediss:// or remove the file")
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return fmt.Errorf("FIAPX_REDIS_CA: the file cannot be read; check the path and its permissions: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("FIAPX_REDIS_CA: %s holds no certificate; name a PEM file", c.CA)
	}
	return nil
}
