//go:build acceptance && chaos

package acceptance

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

func needToxiproxy(t *testing.T) {
	t.Helper()
	if os.Getenv("FIAPX_TEST_TOXIPROXY") == "" {
		t.Skip("FIAPX_TEST_TOXIPROXY is not set: ./tools/test-chaos starts a toxiproxy")
	}
}

// beforeKafka puts a proxy where the broker says that it is.
func (r *rig) beforeKafka(t *testing.T) faulty {
	t.Helper()
	f := faulty{control: "http://" + os.Getenv("FIAPX_TEST_TOXIPROXY") + "/proxies", name: fmt.Sprintf("kafka-%d", time.Now().UnixNano()), address: r.cluster.kafka.outer}
	f.ask(t, "", map[string]any{"name": f.name, "listen": f.address, "upstream": r.cluster.kafka.inner, "enabled": true})
	r.env = append(r.env, "FIAPX_KAFKA_BROKERS="+f.address)
	return f
}

// heal removes what the proxies do.
func heal(t *testing.T) {
	t.Helper()
	answer, err := short.Post("http://"+os.Getenv("FIAPX_TEST_TOXIPROXY")+"/reset", "application/json", nil)
	if err != nil {
		t.Fatalf("toxiproxy: %v", err)
	}
	_ = answer.Body.Close()
}

// again starts the API anew, with the settings as they are now.
func (r *rig) again(t *testing.T) {
	t.Helper()
	r.api.stop(t)
	r.api = launch(t, r.env, "serve-api", "--data", r.d.data, "--listen", r.d.api)
	waitReady(t, r.api, r.d.api)
}

// slowKafka has each answer of the broker take two seconds, and then none come for half a minute.
func slowKafka(t *testing.T, r *rig) {
	r.needKafka(t)
	needToxiproxy(t)
	r.once = true
	proxy := r.beforeKafka(t)
	r.again(t)
	r.work(t, 1)
	worker := r.addresses[0]
	wantSays(t, r.d, worker, "bus", "kafka")
	proxy.slow(t, 2*time.Second)
	r.send(t, 3, nil)
	if n := r.finished(t, 30*time.Second); n < 3 {
		t.Errorf("%d of 3 jobs were done beside a slow Kafka", n)
	}
	t.Logf("with a slow Kafka the worker's bus is %q, and jobs wait %s s at most", r.d.says(t, worker, "bus"), r.waited(t))
	heal(t)
	wantSays(t, r.d, worker, "bus", "kafka")

	proxy.cut(t)
	cut := time.Now()
	wantSays(t, r.d, worker, "bus", "degraded: poll")
	noticed := time.Since(cut)
	r.send(t, 3, nil)
	if n := r.finished(t, 25*time.Second); n < 6 {
		t.Errorf("%d of 6 jobs were done while Kafka was cut off", n)
	}
	t.Logf("cut off: noticed after %.1f s, jobs wait %s s at most", noticed.Seconds(), r.waited(t))
	pause(t, 30*time.Second-time.Since(cut))
	proxy.restore(t)
	r.back = time.Now()
	wantSays(t, r.d, worker, "bus", "kafka")
	t.Logf("the bus is used again %.1f s after Kafka is back", time.Since(r.back).Seconds())
	r.send(t, 1, nil)
}

// waited is the longest time in seconds from a job's submission to its start.
func (r *rig) waited(t *testing.T) string {
	t.Helper()
	return strings.Join(r.cluster.ask(t, "SELECT round(max(extract(epoch FROM started_at - created_at)), 1) FROM videos.jobs"), "")
}

// heldPool blocks what the worker's few connections do, for longer than a lease; the renewals have their own.
func heldPool(t *testing.T, r *rig) {
	r.once = true
	r.env = append(r.env, "FIAPX_DATABASE_CONNS=2")
	r.clip = clip(t, "long.mp4", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30:duration=120", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
	r.work(t, 1)
	r.send(t, 2, many)
	r.running(t, 1, "")
	clear(r.hit)
	const held = "10" // seconds; a lease is 6
	lock := exec.CommandContext(t.Context(), "psql", r.cluster.url(), "-qc", "BEGIN; LOCK TABLE videos.outbox IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep("+held+"); COMMIT")
	if err := lock.Start(); err != nil {
		t.Fatal(err)
	}
	blocked := "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
	all := func() bool { return len(r.cluster.ask(t, blocked)) >= 3 } // the worker's two, and one with which the API sends events
	if !eventually(t, 10*time.Second, all) {
		t.Error("the worker's connections do not all wait for the lock")
	}
	most := 0
	_ = eventually(t, 5*time.Second, func() bool { most = max(most, len(r.cluster.ask(t, blocked))); return false })
	if err := lock.Wait(); err != nil {
		t.Error(err)
	}
	lost := r.cluster.ask(t, "SELECT job_id FROM videos.attempts WHERE outcome NOT IN ('running', 'completed')")
	t.Logf("%d connections were held for %s s; leases lost %d", most, held, len(lost))
	if len(lost) > 0 {
		t.Errorf("leases were lost: %v", lost)
	}
}

const lostAnswers = 4

// lostCommit cuts the API off its database after the job is committed and before the API hears of it.
func lostCommit(t *testing.T, r *rig) {
	needToxiproxy(t)
	proxy, database := before(t, "postgres", r.cluster.url())
	r.env = append(r.env, "FIAPX_DATABASE_URL="+database)
	r.again(t)
	plain := slices.DeleteFunc(slices.Clone(r.env), func(s string) bool { return s == "FIAPX_DATABASE_URL="+database })
	form := upload{name: "busy.mp4", content: read(t, r.clip)}.call(t, r.owner.token)
	lost := 0
	for i := range lostAnswers {
		form.header = http.Header{"Idempotency-Key": {fmt.Sprintf("chaos-%d", i)}}
		if r.cutAfterCommit(t, proxy, form, i+1) {
			lost++
		}
		var first answer
		ok := eventually(t, time.Minute, func() bool {
			var err error
			first, err = r.try(t, form)
			return err == nil && first.status == http.StatusCreated
		})
		if !ok {
			t.Fatalf("the submission is not accepted again: %d %s", first.status, first.body)
		}
		r.jobs = append(r.jobs, decode(t, first.body).text(t, "data.job.id"))
	}
	rows := len(r.cluster.ask(t, "SELECT id FROM videos.jobs"))
	t.Logf("%d of %d answers were lost after the commit; %d keys have %d rows", lost, lostAnswers, lostAnswers, rows)
	if rows != lostAnswers || lost == 0 {
		t.Errorf("%d rows for %d keys, %d answers lost", rows, lostAnswers, lost)
	}
	r.env = plain
	r.work(t, 1)
}

// cutAfterCommit submits while the database's answers are slow, cuts the connection as soon as the row is there, and tells
// whether that cost the client its answer.
func (r *rig) cutAfterCommit(t *testing.T, proxy faulty, form call, rows int) (lost bool) {
	t.Helper()
	proxy.slow(t, 700*time.Millisecond)
	defer heal(t)
	failed := make(chan bool, 1)
	go func() {
		a, err := r.try(t, form)
		failed <- err != nil || a.status != http.StatusCreated
	}()
	there := eventually(t, time.Minute, func() bool {
		return len(r.cluster.ask(t, "SELECT id FROM videos.jobs")) >= rows
	})
	if !there {
		t.Fatal("no row appears")
	}
	proxy.cut(t)
	return <-failed
}
