//go:build acceptance && chaos

package acceptance

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// figures are what a case of the chaos suite ends with; those of all cases are printed together.
type figures struct {
	jobs, lost, twice, zombies int
	takeover                   time.Duration // the longest time from the fault to the next attempt of a job that it hit
	recovery                   time.Duration // the time from a server's return to the next job done
}

func (f figures) String() string {
	return fmt.Sprintf("%d jobs, lost %d, completed twice %d, zombie writes %d, takeover %.1f s, recovery %.1f s",
		f.jobs, f.lost, f.twice, f.zombies, f.takeover.Seconds(), f.recovery.Seconds())
}

// faults are what must not lose a job, complete one twice, or let an attempt that was given up write. Each runs over fresh
// servers, while jobs are submitted and worked on.
var faults = []struct {
	name string
	run  func(t *testing.T, r *rig)
}{
	{"a worker is killed in the middle of its jobs", killWorker},
	{"a worker is stopped for longer than its lease and goes on", freezeWorker},
	{"a worker is asked to stop in the middle of a job", stopWorker},
	{"the decoder is stopped, and then killed", stallDecoder},
	{"PostgreSQL is killed and comes back", func(t *testing.T, r *rig) { r.outage(t, r.cluster.postgres, 5*time.Second) }},
	{"Redis is killed and comes back", func(t *testing.T, r *rig) { r.outage(t, r.cluster.redis, 10*time.Second) }},
	{"Kafka is killed and comes back", func(t *testing.T, r *rig) { r.outage(t, r.cluster.kafka, 10*time.Second) }},
	{"Kafka is away at the start", absentKafka},
	{"workers and servers restart one by one under load", rollingRestart},
	{"the disk is full and has room again", fullDisk},
	{"workers race for many jobs", race},
	{"Kafka repeats every message, out of order", replay},
	{"the topic holds garbage, large and unknown messages", garbage},
	{"consumers of the group come and go every few seconds", churn},
	{"Kafka is slow, and then cut off", slowKafka},
	{"a worker's database connections are all held", heldPool},
	{"the answer to a commit is lost while a job is submitted", lostCommit},
}

func TestChaos(t *testing.T) {
	var all figures
	ran := 0
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			r := newRig(t)
			f.run(t, r)
			got := r.judge(t)
			t.Logf("%s: %v", f.name, got)
			ran++
			all.jobs, all.lost, all.twice, all.zombies = all.jobs+got.jobs, all.lost+got.lost, all.twice+got.twice, all.zombies+got.zombies
			all.takeover = max(all.takeover, got.takeover)
		})
	}
	t.Logf("%d faults, %d jobs: lost %d, completed twice %d, zombie writes %d, worst takeover %.1f s",
		ran, all.jobs, all.lost, all.twice, all.zombies, all.takeover.Seconds())
}

// rig is a deployment over the cluster, with the jobs that it has acknowledged.
type rig struct {
	*world
	cluster   *cluster
	env       []string
	owner     user
	clip      string
	auth      *process
	api       *process
	workers   []*process
	addresses []string // of workers, as they were started

	mu   sync.Mutex
	jobs []string
	hit  map[string]time.Time // when the fault hit the job's attempt
	back time.Time            // when the server that was away answered again
	once bool                 // the fault must cost no job an attempt
}

func newRig(t *testing.T) *rig {
	t.Helper()
	c := startCluster(t)
	d := &deployment{data: smallDisk(t), auth: freeAddress(t), api: freeAddress(t)}
	r := &rig{world: newWorld(d), cluster: c, hit: map[string]time.Time{}}
	r.env = append(append([]string{"FIAPX_JWKS_URL=http://" + d.auth + "/.well-known/jwks.json"}, brisk...), c.settings()...)
	migrate := launch(t, r.env, "migrate", "up", "--data", d.data)
	<-migrate.exited
	if migrate.err != nil {
		t.Fatalf("migrate: %v\n%s", migrate.err, migrate.log)
	}
	r.startServers(t)
	r.owner = r.signIn(t)
	r.clip = clip(t, "busy.mp4", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30:duration=20", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
	return r
}

func (r *rig) startServers(t *testing.T) {
	t.Helper()
	r.auth = launch(t, r.env, "serve-auth", "--data", r.d.data, "--listen", r.d.auth)
	waitReady(t, r.auth, r.d.auth)
	r.api = launch(t, r.env, "serve-api", "--data", r.d.data, "--listen", r.d.api)
	waitReady(t, r.api, r.d.api)
}

func (r *rig) work(t *testing.T, n int) {
	t.Helper()
	for range n {
		address := freeAddress(t)
		w := launch(t, r.env, "work", "--data", r.d.data, "--listen", address)
		waitReady(t, w, address)
		r.workers, r.addresses = append(r.workers, w), append(r.addresses, address)
	}
}

// send submits n jobs. What the server has acknowledged counts, and a refusal is tried again, as a client would.
func (r *rig) send(t *testing.T, n int, fields map[string]string) {
	t.Helper()
	form := upload{name: "busy.mp4", content: read(t, r.clip), fields: fields}
	for range n {
		eventually(t, time.Minute, func() bool {
			a, err := r.try(t, form.call(t, r.owner.token))
			if err != nil || a.status != http.StatusCreated {
				return false
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.jobs = append(r.jobs, decode(t, a.body).text(t, "data.job.id"))
			return true
		})
	}
}

// running waits until at least n attempts run, and notes which jobs they are of.
func (r *rig) running(t *testing.T, n int, worker string) {
	t.Helper()
	query := "SELECT job_id FROM videos.attempts WHERE outcome = 'running'"
	if worker != "" {
		query += " AND worker LIKE '%" + worker + "%'"
	}
	var ids []string
	if !eventually(t, time.Minute, func() bool { ids = r.cluster.ask(t, query); return len(ids) >= n }) {
		t.Fatalf("%d attempts run, want %d", len(ids), n)
	}
	for _, id := range ids {
		r.hit[id] = time.Now()
	}
}

// outage kills a server while jobs run and more come in, and starts it again.
func (r *rig) outage(t *testing.T, s *server, away time.Duration) {
	t.Helper()
	if s == nil {
		t.Skip("Apache Kafka cannot be had here, so it cannot be killed")
	}
	r.work(t, 2)
	r.send(t, 4, many)
	r.running(t, 1, "")
	clear(r.hit) // nobody has to take over
	s.kill()
	var clients sync.WaitGroup
	clients.Go(func() { r.send(t, 4, nil) })
	pause(t, away)
	s.up(t)
	r.back = time.Now()
	clients.Wait()
	r.send(t, 1, nil) // a quick machine may have done all others before the server's return
}

// many images keep a worker busy for a while.
var many = map[string]string{"extraction_fps": "30"}

func killWorker(t *testing.T, r *rig) {
	r.work(t, 1)
	r.send(t, 4, many)
	r.running(t, 1, "")
	r.workers[0].end(syscall.SIGKILL)
	r.noteHit()
	r.work(t, 2)
}

func (r *rig) noteHit() {
	for id := range r.hit {
		r.hit[id] = time.Now()
	}
}

func freezeWorker(t *testing.T, r *rig) {
	r.work(t, 1)
	r.send(t, 2, many)
	r.running(t, 1, "")
	signal(t, r.workers[0], syscall.SIGSTOP)
	r.noteHit()
	r.work(t, 1)
	pause(t, 20*time.Second) // more than three leases
	signal(t, r.workers[0], syscall.SIGCONT)
}

func signal(t *testing.T, p *process, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

func stopWorker(t *testing.T, r *rig) {
	r.work(t, 1)
	r.send(t, 2, many)
	r.running(t, 1, "")
	r.workers[0].stop(t)
	r.noteHit()
	r.work(t, 1)
}

// stallDecoder stops the decoder of a worker and kills it then, as the kernel does when memory is short; the worker lives on.
func stallDecoder(t *testing.T, r *rig) {
	r.work(t, 1)
	r.send(t, 1, many)
	r.running(t, 1, "")
	eachDecoder(t, func(pid int) { _ = syscall.Kill(pid, syscall.SIGSTOP) })
	pause(t, 3*time.Second)
	killDecoders(t)
	r.noteHit()
	if !r.workers[0].running() {
		t.Error("the worker died of its decoder")
	}
}

func absentKafka(t *testing.T, r *rig) {
	if r.cluster.kafka == nil {
		t.Skip("Apache Kafka cannot be had here, so it cannot be away")
	}
	r.cluster.kafka.kill()
	r.work(t, 1)
	r.send(t, 3, nil)
	ended := r.finished(t, 30*time.Second)
	if ended < 3 {
		t.Errorf("%d of 3 jobs were done while Kafka was away", ended)
	}
	r.cluster.kafka.up(t)
	r.send(t, 3, nil)
}

func rollingRestart(t *testing.T, r *rig) {
	r.work(t, 2)
	var clients sync.WaitGroup
	clients.Go(func() { r.send(t, 30, nil) })
	for range 2 {
		for i, old := range r.workers[:2] {
			r.work(t, 1)
			old.stop(t)
			r.workers[i] = r.workers[len(r.workers)-1]
			r.workers = r.workers[:len(r.workers)-1]
		}
		r.api.stop(t)
		r.api = launch(t, r.env, "serve-api", "--data", r.d.data, "--listen", r.d.api)
		waitReady(t, r.api, r.d.api)
	}
	clients.Wait()
}

// smallDisk is a folder that is a file system of its own, so that it can be filled; only root can make one.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		return dir
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=1g", "fiapx-chaos", dir).CombinedOutput(); err != nil {
		t.Logf("no file system of its own for %s: %v: %s", dir, err, out)
		return dir
	}
	t.Cleanup(func() { _ = exec.Command("umount", "--lazy", dir).Run() })
	return dir
}

func fullDisk(t *testing.T, r *rig) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(r.d.data, &disk); err != nil || disk.Type != tmpfs {
		t.Skip("only root can make a small file system, and only that can be filled without harm")
	}
	r.send(t, 3, nil)
	filler := filepath.Join(r.d.data, "filler")
	if err := os.WriteFile(filler, make([]byte, disk.Bavail*uint64(disk.Bsize)), 0o600); err == nil {
		_ = syscall.Statfs(r.d.data, &disk)
		t.Logf("%d bytes are left", disk.Bavail*uint64(disk.Bsize))
	}
	r.work(t, 1)
	a, err := r.try(t, upload{name: "busy.mp4", content: read(t, r.clip)}.call(t, r.owner.token))
	if err == nil && a.status < http.StatusInternalServerError {
		t.Errorf("a full disk answers %d %s", a.status, a.body)
	}
	pause(t, 5*time.Second)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	r.back = time.Now()
	r.send(t, 1, nil)
}

const tmpfs = 0x01021994 // its type, statfs(2)

// raceJobs are as many as two cores get through in a minute or two.
const raceJobs = 200

func race(t *testing.T, r *rig) {
	r.send(t, raceJobs, map[string]string{"max_frames": "1", "output_format": "jpg"})
	r.work(t, 2)
}

// finished waits until all acknowledged jobs have ended, or the time is up, and tells how many have.
func (r *rig) finished(t *testing.T, limit time.Duration) int {
	t.Helper()
	r.mu.Lock()
	want := len(r.jobs)
	r.mu.Unlock()
	n := 0
	eventually(t, limit, func() bool {
		n, _ = strconv.Atoi(strings.Join(r.cluster.ask(t, "SELECT count(*) FROM videos.jobs WHERE status = 'completed'"), ""))
		return n >= want
	})
	return n
}

// judge waits for every job that was acknowledged and counts what went wrong, from the tables and from the archives.
func (r *rig) judge(t *testing.T) (f figures) {
	t.Helper()
	r.finished(t, 4*time.Minute)
	f.jobs = len(r.jobs)
	for _, id := range r.jobs {
		if status := r.status(t, r.owner, id); status != "completed" {
			f.lost++
			t.Errorf("job %s is %s", id, status)
			continue
		}
		want := r.cluster.ask(t, "SELECT frame_count FROM videos.jobs WHERE id = '"+id+"'")
		if got := strconv.Itoa(pictures(t, archive(t, r.world, r.owner, id))); len(want) != 1 || got != want[0] {
			f.lost++
			t.Errorf("the archive of job %s holds %s pictures, the job has %v", id, got, want)
		}
	}
	f.twice = len(r.cluster.ask(t, "SELECT job_id FROM videos.attempts WHERE outcome = 'completed' GROUP BY job_id HAVING count(*) > 1"))
	f.twice += len(r.cluster.ask(t, "SELECT key FROM videos.outbox WHERE event_type = 'job_completed' GROUP BY key HAVING count(*) > 1"))
	f.zombies = len(r.cluster.ask(t, `SELECT j.id FROM videos.jobs j WHERE j.status = 'completed' AND NOT EXISTS (
		SELECT 1 FROM videos.attempts a WHERE a.job_id = j.id AND a.outcome = 'completed' AND a.token = j.lease_token AND position('/' || a.token || '.' IN j.result_key) > 0)`))
	if r.once {
		again := r.cluster.ask(t, "SELECT job_id FROM videos.attempts GROUP BY job_id HAVING count(*) > 1")
		f.twice = max(f.twice, len(again))
		t.Logf("%d jobs were begun more than once", len(again))
	}
	for id, at := range r.hit {
		next := r.moment(t, "SELECT max(started_at) FROM videos.attempts WHERE job_id = '"+id+"'")
		f.takeover = max(f.takeover, next.Sub(at))
	}
	if !r.back.IsZero() {
		next := r.moment(t, fmt.Sprintf("SELECT min(ended_at) FROM videos.attempts WHERE outcome = 'completed' AND ended_at > to_timestamp(%d)", r.back.Unix()))
		f.recovery = max(0, next.Sub(r.back))
	}
	if f.lost+f.twice+f.zombies > 0 {
		t.Errorf("%v", f)
	}
	return f
}

// moment asks for a time; the clock of the database is that of the test.
func (r *rig) moment(t *testing.T, query string) time.Time {
	t.Helper()
	rows := r.cluster.ask(t, "SELECT extract(epoch FROM ("+query+"))")
	if len(rows) != 1 {
		t.Fatalf("%s: %v", query, rows)
	}
	seconds, err := strconv.ParseFloat(rows[0], 64)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return time.UnixMicro(int64(seconds * 1e6))
}

func pictures(t *testing.T, content []byte) (n int) {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("the download is no ZIP: %v", err)
	}
	for _, entry := range in.File {
		if strings.HasPrefix(entry.Name, "frame_") {
			n++
		}
	}
	return n
}
