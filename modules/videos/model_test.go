package videos_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// job is what the model believes of a job.
type job struct {
	id      string
	status  string
	token   int64
	attempt int
	crashes int
	until   time.Time // of the lease
	runAt   time.Time // earliest claim; taken from the row after a backoff, whose length is random
	buried  bool
}

// row is what the table says.
type row struct {
	Status     string
	Attempt    int
	CrashCount int
	LeaseToken int64
	LeaseUntil *time.Time
	RunAt      time.Time
	ResultKey  string
}

// model drives the real queue with random steps of several workers, a user and a clock, and predicts every outcome.
// Workers never forget a lease, so most of their writes come from zombies.
type model struct {
	*world
	tables *clock // what the database says the time is
	rng    *rand.Rand
	jobs   []*job
	leases []videos.Lease
	steps  []string
	jumps  int
}

const (
	leaseTime   = time.Minute
	maxAttempts = 5
	maxCrashes  = 2
)

// Whatever the interleaving: a job has at most one live lease, ended jobs stay as they ended until their owner tries again, and a write with a lease
// that is not the current one changes nothing.
func TestQueueAgainstItsModel(t *testing.T) {
	t.Parallel()
	seeds, steps := 8, 150
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
				t.Helper()
				m := newModel(t, db, uint64(seed))
				for range steps {
					m.step()
					m.compare()
				}
				if len(m.leases) == 0 || m.jumps == 0 {
					t.Error("no job was ever claimed, or no clock jumped: the test tests nothing")
				}
			})
		})
	}
}

// newModel gives PostgreSQL a time of its own, which the jumps of the processes' clocks do not touch. A SQLite file is of one
// machine, and jumps with it.
func newModel(t *testing.T, db *database.DB, seed uint64) *model {
	t.Helper()
	m := &model{world: newWorldOn(t, db), rng: rand.New(rand.NewPCG(seed, 7))} // repeatable on purpose
	m.tables = m.clock
	if database.Dialect(db) == database.Postgres {
		m.tables = newClock()
		m.module.KeepTime(m.tables.Now)
		m.queue = m.module.Queue()
	}
	return m
}

func (m *model) step() {
	actions := []func(){
		m.submitOne, m.claimSome, m.claimSome, m.claimNamed, m.renew, m.renew, m.complete, m.fail, m.release,
		m.acknowledge, m.cancel, m.bury, m.rescue, m.pass, m.pass, m.retry, m.jump,
	}
	actions[m.rng.IntN(len(actions))]()
}

func (m *model) note(format string, args ...any) {
	m.steps = append(m.steps, fmt.Sprintf(format, args...))
}

func (m *model) fatal(format string, args ...any) {
	m.t.Helper()
	for _, s := range m.steps[max(0, len(m.steps)-25):] {
		m.t.Log(s)
	}
	m.t.Fatalf(format, args...)
}

func (m *model) submitOne() {
	if len(m.jobs) >= 8 {
		return
	}
	id := m.submit("ann")
	m.note("submit %s", id)
	m.jobs = append(m.jobs, &job{id: id, status: "pending", runAt: m.tables.Now()})
}

func (m *model) find(id string) *job {
	i := slices.IndexFunc(m.jobs, func(j *job) bool { return j.id == id })
	if i < 0 {
		m.fatal("job %s is unknown to the model", id)
	}
	return m.jobs[i]
}

func (m *model) due() (n int) {
	for _, j := range m.jobs {
		if m.isDue(j) {
			n++
		}
	}
	return n
}

func (m *model) isDue(j *job) bool {
	return j.status == "pending" && !j.buried && !j.runAt.After(m.tables.Now())
}

func (m *model) claimSome() {
	n := 1 + m.rng.IntN(3)
	want := min(n, m.due())
	claims, err := m.queue.Claim(m.t.Context(), m.worker(), n)
	m.note("claim %d: %d", n, len(claims))
	if err != nil || len(claims) != want {
		m.fatal("claimed %d jobs of %d due, want %d: %v", len(claims), m.due(), want, err)
	}
	for _, c := range claims {
		m.claimed(c)
	}
}

func (m *model) worker() string { return fmt.Sprint("worker-", m.rng.IntN(3)) }

func (m *model) claimNamed() {
	if len(m.jobs) == 0 {
		return
	}
	j := m.jobs[m.rng.IntN(len(m.jobs))]
	want := m.isDue(j)
	c, ok, err := m.queue.ClaimJob(m.t.Context(), m.worker(), j.id)
	m.note("claim %s: %v", j.id, ok)
	if err != nil || ok != want {
		m.fatal("claim of job %+v: %v %v, want %v", j, ok, err, want)
	}
	if ok {
		m.claimed(c)
	}
}

func (m *model) claimed(c videos.Claim) {
	j := m.find(c.Lease.JobID)
	if !m.isDue(j) {
		m.fatal("claimed %+v, which is not due", j)
	}
	j.status, j.until = "processing", m.tables.Now().Add(leaseTime)
	j.token++
	j.attempt++
	if c.Lease.Token != j.token || c.Attempt != j.attempt {
		m.fatal("claim %+v, want token %d and attempt %d", c, j.token, j.attempt)
	}
	m.leases = append(m.leases, c.Lease)
}
