package videos_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
)

// job is what the model believes of a job.
type job struct {
	id       string
	status   string
	token    int64
	attempt  int
	crashes  int
	priority int
	until    time.Time // of the lease
	runAt    time.Time // earliest claim; taken from the row after a backoff, whose length is random
	buried   bool
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
	rng    *rand.Rand
	jobs   []*job
	leases []videos.Lease
	steps  []string
}

const (
	leaseTime   = time.Minute
	maxAttempts = 5
	maxCrashes  = 2
)

// Whatever the interleaving: a job has at most one live lease, ended jobs stay as they ended, and a write with a lease
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
			m := &model{world: newWorld(t), rng: rand.New(rand.NewPCG(uint64(seed), 7))} //nolint:gosec // repeatable on purpose
			for range steps {
				m.step()
				m.compare()
			}
			if len(m.leases) == 0 {
				t.Error("no job was ever claimed: the test tests nothing")
			}
		})
	}
}

func (m *model) step() {
	actions := []func(){
		m.submitOne, m.claimSome, m.claimSome, m.claimNamed, m.renew, m.renew, m.complete, m.fail, m.release,
		m.acknowledge, m.cancel, m.bury, m.rescue, m.pass, m.pass,
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
	m.jobs = append(m.jobs, &job{id: id, status: "pending", runAt: m.clock.Now()})
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
	return j.status == "pending" && !j.buried && !j.runAt.After(m.clock.Now())
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
	j.status, j.until = "processing", m.clock.Now().Add(leaseTime)
	j.token++
	j.attempt++
	if c.Lease.Token != j.token || c.Attempt != j.attempt {
		m.fatal("claim %+v, want token %d and attempt %d", c, j.token, j.attempt)
	}
	m.leases = append(m.leases, c.Lease)
}

// any picks one of the leases ever given, current or not.
func (m *model) any() (videos.Lease, *job, bool) {
	if len(m.leases) == 0 {
		return videos.Lease{}, nil, false
	}
	l := m.leases[m.rng.IntN(len(m.leases))]
	return l, m.find(l.JobID), true
}

func (j *job) heldBy(l videos.Lease) bool { return j.status == "processing" && j.token == l.Token }

// lost checks that the write was refused exactly when the lease is not the current one.
func (m *model) lost(what string, j *job, l videos.Lease, err error) (refused bool) {
	held := j.heldBy(l)
	m.note("%s %s with token %d (current %d, %s): %v", what, j.id, l.Token, j.token, j.status, err)
	if held && err != nil || !held && !errors.Is(err, videos.ErrLeaseLost) {
		m.fatal("%s by a holder=%v: %v", what, held, err)
	}
	return !held
}

func (m *model) renew() {
	l, j, ok := m.any()
	if !ok {
		return
	}
	stopped, err := m.queue.Renew(m.t.Context(), l, videos.Progress{Percent: 40})
	if want := j.status == "cancelled" && j.token == l.Token; want {
		m.note("renew of the cancelled %s", j.id)
		if !stopped || err != nil {
			m.fatal("the holder of a cancelled job heard %v %v", stopped, err)
		}
		return
	}
	if !m.lost("renew", j, l, err) {
		j.until = m.clock.Now().Add(leaseTime)
	}
	if stopped {
		m.fatal("told to stop a job that is %s", j.status)
	}
}

func (m *model) complete() {
	l, j, ok := m.any()
	if !ok {
		return
	}
	key := fmt.Sprintf("results/ann/%s/%d.zip", l.JobID, l.Token)
	err := m.queue.Complete(m.t.Context(), l, videos.Result{Key: key, Size: 1, SHA256: "00", Frames: 1})
	if !m.lost("complete", j, l, err) {
		j.status = "completed"
	}
}

func (m *model) fail() {
	l, j, ok := m.any()
	if !ok {
		return
	}
	f := videos.Failure{Code: "STORAGE", Message: "The storage did not answer.", Retry: m.rng.IntN(3) > 0}
	if m.rng.IntN(3) == 0 {
		f.Code = videos.CodeCrashed
	}
	err := m.queue.Fail(m.t.Context(), l, f)
	if !m.lost("fail", j, l, err) {
		m.ended(j, f.Retry, f.Code == videos.CodeCrashed)
	}
}

// ended is the rule for attempts without a result.
func (m *model) ended(j *job, retry, crash bool) {
	again := retry && j.attempt < maxAttempts
	if crash {
		j.crashes++
		again = again && j.crashes < maxCrashes
	}
	if !again {
		j.status = "failed"
		return
	}
	j.status = "pending"
	j.runAt = m.row(j).RunAt.UTC()
	if wait := j.runAt.Sub(m.clock.Now()); wait < 0 || wait > min(time.Second<<j.attempt, 300*time.Second) {
		m.fatal("attempt %d waits %s", j.attempt, wait)
	}
}

func (m *model) release() {
	l, j, ok := m.any()
	if !ok {
		return
	}
	if err := m.queue.Release(m.t.Context(), l); !m.lost("release", j, l, err) {
		j.status, j.runAt = "pending", m.clock.Now()
		j.attempt--
	}
}

func (m *model) acknowledge() {
	l, j, ok := m.any()
	if !ok {
		return
	}
	err := m.queue.Cancelled(m.t.Context(), l)
	want := j.status == "cancelled" && j.token == l.Token
	m.note("acknowledge %s: %v", j.id, err)
	if want != (err == nil) || err != nil && !errors.Is(err, videos.ErrLeaseLost) {
		m.fatal("acknowledged a job that is %s: %v", j.status, err)
	}
}

func (m *model) cancel() {
	if len(m.jobs) == 0 {
		return
	}
	j := m.jobs[m.rng.IntN(len(m.jobs))]
	err := m.module.Cancel(m.t.Context(), "ann", j.id)
	m.note("cancel %s, which is %s: %v", j.id, j.status, err)
	open := !j.buried && (j.status == "pending" || j.status == "processing")
	if open != (err == nil) {
		m.fatal("cancel of %+v: %v", j, err)
	}
	if open {
		j.status = "cancelled"
	}
}

func (m *model) bury() {
	if m.rng.IntN(4) > 0 || len(m.jobs) == 0 {
		return
	}
	j := m.jobs[m.rng.IntN(len(m.jobs))]
	ok, err := m.module.Bury(m.t.Context(), "ann", j.id)
	m.note("bury %s, which is %s: %v", j.id, j.status, ok)
	if err != nil || ok != (!j.buried && j.status != "processing") {
		m.fatal("bury of %+v: %v %v", j, ok, err)
	}
	j.buried = j.buried || ok
}

func (m *model) rescue() {
	m.note("rescue")
	m.must(m.module.Rescue(m.t.Context()))
	for _, j := range m.jobs {
		if j.status == "processing" && j.until.Before(m.clock.Now()) {
			m.ended(j, true, true)
		}
	}
}

func (m *model) pass() {
	d := time.Duration(m.rng.IntN(40_000)) * time.Millisecond
	m.note("%s pass", d)
	m.clock.advance(d)
}

func (m *model) row(j *job) row {
	var r row
	err := m.db.Raw("SELECT status, attempt, crash_count, lease_token, lease_until, run_at, result_key FROM jobs WHERE id = ?", j.id).Scan(&r).Error
	m.must(err)
	return r
}

// compare holds every row against the model: that covers the fencing, the final states and the single live lease.
func (m *model) compare() {
	m.t.Helper()
	for _, j := range m.jobs {
		r := m.row(j)
		if r.Status != j.status || r.Attempt != j.attempt || r.CrashCount != j.crashes || r.LeaseToken != j.token {
			m.fatal("row %+v, model %+v", r, *j)
		}
		if live := r.LeaseUntil != nil; live != (j.status == "processing") || live && !r.LeaseUntil.UTC().Equal(j.until) {
			m.fatal("lease until %v, model %+v", r.LeaseUntil, *j)
		}
		if want := fmt.Sprintf("results/ann/%s/%d.zip", j.id, j.token); j.status == "completed" && r.ResultKey != want {
			m.fatal("result %s, want the holder's %s", r.ResultKey, want)
		}
	}
}
