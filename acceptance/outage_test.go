//go:build acceptance

package acceptance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// faulty is a proxy of toxiproxy in front of a server.
type faulty struct{ control, name, address string }

// short is for what answers at once or not at all.
var short = &http.Client{Transport: transport, Timeout: 10 * time.Second}

// before puts a proxy before the server of that URL and gives the URL of the proxy.
func before(t *testing.T, name, server string) (faulty, string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	f := faulty{control: "http://" + os.Getenv("FIAPX_TEST_TOXIPROXY") + "/proxies", name: fmt.Sprintf("%s-%d", name, time.Now().UnixNano()), address: freeAddress(t)}
	f.ask(t, "", map[string]any{"name": f.name, "listen": f.address, "upstream": u.Host, "enabled": true})
	u.Host = f.address
	return f, u.String()
}

func (f faulty) ask(t *testing.T, path string, body map[string]any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := short.Post(f.control+path, "application/json", strings.NewReader(string(text)))
	if err != nil {
		t.Fatalf("toxiproxy: %v", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("toxiproxy: %s", answer.Status)
	}
}

func (f faulty) cut(t *testing.T)     { f.ask(t, "/"+f.name, map[string]any{"enabled": false}) }
func (f faulty) restore(t *testing.T) { f.ask(t, "/"+f.name, map[string]any{"enabled": true}) }

func (f faulty) slow(t *testing.T, d time.Duration) {
	f.ask(t, "/"+f.name+"/toxics", map[string]any{"type": "latency", "attributes": map[string]any{"latency": d.Milliseconds()}})
}

// says reads one check of /readyz.
func (d *deployment) says(t *testing.T, address, check string) string {
	t.Helper()
	answer, err := short.Get("http://" + address + "/readyz")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	var body struct{ Checks map[string]string }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		return err.Error()
	}
	return body.Checks[check]
}

func wantSays(t *testing.T, d *deployment, address, check, want string) {
	t.Helper()
	var last string
	if !eventually(t, 20*time.Second, func() bool { last = d.says(t, address, check); return last == want }) {
		t.Fatalf("check %s says %q, want %q", check, last, want)
	}
}

// TestRedisAndPostgresCutOff: people keep working without Redis, with a slow one, and after a database that was away.
func TestRedisAndPostgresCutOff(t *testing.T) {
	database, cache := os.Getenv("FIAPX_TEST_POSTGRES"), os.Getenv("FIAPX_TEST_REDIS")
	if database == "" || cache == "" || os.Getenv("FIAPX_TEST_TOXIPROXY") == "" {
		t.Skip("FIAPX_TEST_POSTGRES, FIAPX_TEST_REDIS and FIAPX_TEST_TOXIPROXY are not all set: ./tools/test starts the servers")
	}
	name := fmt.Sprintf("cut_%d_%d", os.Getpid(), time.Now().UnixNano())
	postgres, postgresURL := before(t, "postgres", freshDatabase(t, database, name))
	redis, redisURL := before(t, "redis", cache)
	w := newWorld(deploy(t, startSplit, "FIAPX_DATABASE_URL="+postgresURL, "FIAPX_DATABASE_CONNS=6", "FIAPX_REDIS_URL="+redisURL, "FIAPX_REDIS_PREFIX="+name+":"))
	u := w.signIn(t)
	wantSays(t, w.d, w.d.api, "cache", "redis")
	w.post(t, u.token, "/auth/logout", nil)
	gone := u.token

	redis.cut(t)
	wantSays(t, w.d, w.d.api, "cache", "degraded: memory")
	w.revokedForJobs(t, gone)
	u = w.login(t, u)
	w.get(t, u.token, "/video-processing/jobs").want(t, map[string]any{"success": true})
	redis.restore(t)
	wantSays(t, w.d, w.d.api, "cache", "redis")

	redis.slow(t, 5*time.Second)
	begun := time.Now()
	u = w.login(t, u)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("a sign-in took %v beside a slow Redis", took)
	}
	w.revokedForJobs(t, gone)

	postgres.cut(t)
	wantSays(t, w.d, w.d.api, "database videos", "failing")
	if got := w.do(t, call{method: http.MethodGet, path: "/video-processing/jobs", token: u.token}).status; got < http.StatusInternalServerError {
		t.Errorf("status %d without a database", got)
	}
	postgres.restore(t)
	wantSays(t, w.d, w.d.api, "database videos", "ok")
	w.get(t, u.token, "/video-processing/jobs").want(t, map[string]any{"success": true})
}
