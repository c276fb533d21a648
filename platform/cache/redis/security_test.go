package redis_test

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/fiapx/fiapx/platform/cache"
	"github.com/fiapx/fiapx/platform/cache/redis"
	"github.com/fiapx/fiapx/platform/config"
)

// admin is a client without restrictions.
func admin(t *testing.T, cfg redis.Config) *goredis.Client {
	t.Helper()
	o, err := goredis.ParseURL(cfg.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	client := goredis.NewClient(o)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// proxy stands before a server and can be cut off.
type proxy struct {
	addr, target string
	tls          *tls.Config

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
	group    errgroup.Group
}

func relay(t *testing.T, target string, secure *tls.Config) *proxy {
	t.Helper()
	target, _, _ = strings.Cut(target, "/")
	p := &proxy{addr: "127.0.0.1:0", target: target, tls: secure}
	p.restore(t)
	t.Cleanup(func() {
		p.cut()
		_ = p.group.Wait()
	})
	return p
}

func (p *proxy) restore(t *testing.T) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	if p.tls != nil {
		l = tls.NewListener(l, p.tls)
	}
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	p.group.Go(func() error {
		for {
			client, err := l.Accept()
			if err != nil {
				return nil //nolint:nilerr // closed by cut
			}
			p.join(client)
		}
	})
}

func (p *proxy) join(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, client, server)
	p.mu.Unlock()
	for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
		p.group.Go(func() error {
			_, _ = io.Copy(pair[0], pair[1])
			return errors.Join(client.Close(), server.Close())
		})
	}
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

func TestTLSIsVerified(t *testing.T) {
	t.Parallel()
	cfg := settings(t)
	host := strings.TrimPrefix(cfg.URL.Reveal(), "redis://")
	web := httptest.NewTLSServer(nil) // for its certificate, which is made out to 127.0.0.1
	defer web.Close()
	p := relay(t, host, &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12})
	cfg.URL = config.Secret("rediss://" + p.addr + "/0")
	if err := open(t, cfg, time.Now).Ping(t.Context()); !errors.Is(err, cache.ErrUnavailable) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v from a server with a certificate of nobody, want a refusal", err)
	}
	cfg.CA = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(cfg.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(t, cfg, time.Now).Ping(t.Context()); err != nil {
		t.Errorf("the certificate is trusted, and yet: %v", err)
	}
}

// An ACL user needs no more than this.
func TestUserWithFewRights(t *testing.T) {
	t.Parallel()
	cfg := settings(t)
	root, name := admin(t, cfg), strings.ReplaceAll(cfg.Prefix, ":", "")
	rules := []string{"on", ">sesame", "~" + cfg.Prefix + "*", "+get", "+mget", "+set", "+del", "+incr", "+pttl", "+pexpire", "+eval", "+evalsha", "+ping", "+info"}
	if err := root.ACLSetUser(t.Context(), name, rules...).Err(); err != nil {
		t.Fatal(err)
	}
	defer root.ACLDelUser(t.Context(), name)
	cfg.User, cfg.Password = name, "wrong"
	if err := open(t, cfg, time.Now).Ping(t.Context()); !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("got %v with a wrong password, want ErrUnavailable", err)
	}
	cfg.Password = "sesame"
	c := open(t, cfg, time.Now)
	_, _, errInc := c.Increment(t.Context(), "n", time.Minute)
	_, errNX := c.SetNX(t.Context(), "x", nil, time.Minute)
	_, errMany := c.GetMany(t.Context(), "n", "x")
	_, errPolicy := c.Policy(t.Context())
	err := errors.Join(errInc, errNX, errMany, errPolicy, c.Ping(t.Context()), c.Raise(t.Context(), "r", 1, time.Minute), c.Delete(t.Context(), "n"))
	if err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := redis.Config{URL: "redis://:secret@localhost:6379/1", Timeout: time.Second, Conns: 1}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	bad := redis.Config{URL: "http://user:secret@host"}
	err := bad.Validate()
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Fatalf("got %v, want problems and no password", err)
	}
	for _, name := range []string{"FIAPX_REDIS_URL", "FIAPX_REDIS_TIMEOUT", "FIAPX_REDIS_CONNS"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
	good.CA = "/nonexistent"
	if _, err := redis.Open(good, time.Now); err == nil || !strings.Contains(err.Error(), "FIAPX_REDIS_CA") {
		t.Errorf("got %v for a CA without TLS", err)
	}
}
