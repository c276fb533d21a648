//go:build acceptance && chaos

package acceptance

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a real one that a case may kill and start again over the same data.
type server struct {
	name    string
	address string
	inner   string // of Kafka: where the proxy is to connect to, so that clients stay behind it
	outer   string // and the address that the proxy must then have, for that is what Kafka tells them
	make    func(ctx context.Context) *exec.Cmd
	cmd     *exec.Cmd
	log     string
}

// up starts the server and waits until it takes connections.
func (s *server) up(t *testing.T) {
	t.Helper()
	s.cmd = s.make(context.WithoutCancel(t.Context()))
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if s.cmd.SysProcAttr == nil {
		s.cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	s.cmd.SysProcAttr.Setpgid = true // a kill takes the server's own children along
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", s.name, err)
	}
	ok := eventually(t, time.Minute, func() bool {
		conn, err := net.DialTimeout("tcp", s.address, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	if !ok {
		text, _ := os.ReadFile(s.log)
		t.Fatalf("%s does not answer at %s:\n%s", s.name, s.address, text)
	}
}

// kill is kill -9: nothing is flushed, nobody is told.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	_ = s.cmd.Wait()
	s.cmd = nil
}

func pause(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

// cluster is what the processes share.
type cluster struct{ postgres, redis, kafka *server }

func (c *cluster) all() []*server {
	var all []*server
	for _, s := range []*server{c.postgres, c.redis, c.kafka} {
		if s != nil {
			all = append(all, s)
		}
	}
	return all
}

// startCluster starts the servers over fresh data. Kafka is left out, and said so, where its jars are not to be had.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "fiapx-chaos-") //nolint:usetesting // short, for the names of sockets
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c := &cluster{postgres: newPostgres(t, dir), redis: newRedis(t, dir), kafka: newKafka(t, dir)}
	t.Cleanup(func() {
		for _, s := range c.all() {
			s.kill()
		}
		_ = os.RemoveAll(dir)
	})
	for _, s := range c.all() {
		s.up(t)
	}
	return c
}

// newPostgres keeps its durability: what it has acknowledged must survive a kill. It refuses to run as root.
func newPostgres(t *testing.T, dir string) *server {
	t.Helper()
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		t.Skip("PostgreSQL is not installed: apt-get install postgresql")
	}
	bin, data := bins[len(bins)-1], filepath.Join(dir, "pg")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	as := func(ctx context.Context, name string, args ...string) *exec.Cmd {
		if os.Geteuid() == 0 {
			args = append([]string{"--reuid", "postgres", "--regid", "postgres", "--init-groups", name}, args...)
			name = "setpriv"
		}
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = "/"
		return cmd
	}
	if os.Geteuid() == 0 {
		if out, err := exec.CommandContext(t.Context(), "chown", "postgres", data).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	init := as(t.Context(), filepath.Join(bin, "initdb"), "-D", data, "-U", "fiapx", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	return &server{name: "PostgreSQL", address: address, log: filepath.Join(dir, "pg.log"), make: func(ctx context.Context) *exec.Cmd {
		return as(ctx, filepath.Join(bin, "postgres"), "-D", data, "-p", port, "-k", data, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200")
	}}
}

func newRedis(t *testing.T, dir string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("Redis is not installed: apt-get install redis-server")
	}
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	return &server{name: "Redis", address: address, log: filepath.Join(dir, "redis.log"), make: func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, "redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", dir, "--maxmemory-policy", "noeviction")
	}}
}

// kafkaHome names the folder of Apache Kafka's jars for the tests; ./tools/test-chaos fetches them.
const kafkaHome = "FIAPX_TEST_KAFKA_JARS"

func newKafka(t *testing.T, dir string) *server {
	t.Helper()
	jars := os.Getenv(kafkaHome)
	if jars == "" {
		t.Logf("without Kafka: %s is not set; ./tools/test-chaos sets it where Java and the jars are to be had", kafkaHome)
		return nil
	}
	broker, controller, inner, outer := freeAddress(t), freeAddress(t), freeAddress(t), freeAddress(t)
	config := filepath.Join(dir, "kafka.properties")
	text := fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.voters=1@%[2]s
listeners=PLAINTEXT://%[1]s,PROXIED://%[4]s,CONTROLLER://%[2]s
advertised.listeners=PLAINTEXT://%[1]s,PROXIED://%[5]s
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=%[3]s
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`, broker, controller, filepath.Join(dir, "kafka"), inner, outer)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	java := func(ctx context.Context, class string, args ...string) *exec.Cmd {
		line := append([]string{"-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", filepath.Join(jars, "*"), class}, args...)
		return exec.CommandContext(ctx, "java", line...)
	}
	format := java(t.Context(), "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", config)
	if out, err := format.CombinedOutput(); err != nil {
		t.Fatalf("format Kafka's storage: %v\n%s", err, out)
	}
	return &server{name: "Kafka", address: broker, inner: inner, outer: outer, log: filepath.Join(dir, "kafka.log"), make: func(ctx context.Context) *exec.Cmd {
		return java(ctx, "kafka.Kafka", config)
	}}
}

// settings are those of every process of a deployment over the cluster.
func (c *cluster) settings() []string {
	env := []string{
		"FIAPX_DATABASE_URL=" + c.url(), "FIAPX_REDIS_URL=redis://" + c.redis.address + "/0", "FIAPX_STORAGE_SHARED=true",
	}
	if c.kafka != nil {
		env = append(env, "FIAPX_KAFKA_BROKERS="+c.kafka.address)
	}
	return env
}

func (c *cluster) url() string {
	return "postgres://fiapx@" + c.postgres.address + "/postgres?sslmode=disable"
}

// ask puts a question to the database of the jobs and gives the rows, fields separated by "|".
func (c *cluster) ask(t *testing.T, query string) []string {
	t.Helper()
	_, port, _ := net.SplitHostPort(c.postgres.address)
	var out []byte
	var err error
	ok := eventually(t, 30*time.Second, func() bool { // it may be on its way back
		out, err = exec.CommandContext(t.Context(), "psql", "-h", "127.0.0.1", "-p", port, "-U", "fiapx", "-d", "postgres", "-XAtq", "-c", query).CombinedOutput()
		return err == nil
	})
	if !ok {
		t.Fatalf("%s: %v\n%s", query, err, out)
	}
	return strings.Fields(string(out))
}
