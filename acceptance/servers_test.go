//go:build acceptance

package acceptance

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// withServers has the processes share what ./tools/servers started: a PostgreSQL database of their own, and names of their own in
// Redis and Kafka. What is not there is left out, and the log of the test says so.
func (d *deployment) withServers(t *testing.T) {
	t.Helper()
	if d.served {
		return
	}
	d.served = true
	name := fmt.Sprintf("acceptance_%d_%d", os.Getpid(), time.Now().UnixNano())
	if server := os.Getenv("FIAPX_TEST_POSTGRES"); server != "" && !d.has("FIAPX_DATABASE_URL") {
		d.env = append(d.env, "FIAPX_DATABASE_URL="+freshDatabase(t, server, name), "FIAPX_DATABASE_CONNS=6")
	}
	if server := os.Getenv("FIAPX_TEST_REDIS"); server != "" && !d.has("FIAPX_REDIS_URL") {
		d.env = append(d.env, "FIAPX_REDIS_URL="+server, "FIAPX_REDIS_PREFIX="+name+":")
	}
	if server := os.Getenv("FIAPX_TEST_KAFKA"); server != "" {
		d.env = append(d.env, "FIAPX_KAFKA_BROKERS="+server, "FIAPX_KAFKA_PREFIX="+name+"-")
	}
	for _, what := range []string{"FIAPX_DATABASE_URL", "FIAPX_REDIS_URL", "FIAPX_KAFKA_BROKERS"} {
		t.Logf("%s: %v", what, d.has(what))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	migrate := exec.CommandContext(ctx, program, "migrate", "up", "--data", d.data)
	migrate.Env = append(append(os.Environ(), "GOCOVERDIR="+covered), d.env...)
	if out, err := migrate.CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v\n%s", err, out)
	}
}

// has says whether the processes are configured to use that server.
func (d *deployment) has(variable string) bool {
	for _, setting := range d.env {
		if strings.HasPrefix(setting, variable+"=") {
			return true
		}
	}
	return false
}

// freshDatabase makes a database that goes with the test.
func freshDatabase(t *testing.T, server, name string) string {
	t.Helper()
	sql := func(ctx context.Context, statement string) {
		if out, err := exec.CommandContext(ctx, "psql", server, "-qc", statement).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", statement, err, out)
		}
	}
	sql(t.Context(), "CREATE DATABASE "+name)
	t.Cleanup(func() { sql(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
