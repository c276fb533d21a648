package videos_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
)

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
		j.until = m.tables.Now().Add(leaseTime)
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
	if crash {
		j.crashes++
	}
	if !retry || j.attempt-j.crashes >= maxAttempts || j.crashes >= maxCrashes {
		j.status = "failed"
		return
	}
	j.status = "pending"
	j.runAt = m.row(j).RunAt.UTC()
	if wait := j.runAt.Sub(m.tables.Now()); wait < 0 || wait > min(time.Second<<j.attempt, 300*time.Second) {
		m.fatal("attempt %d waits %s", j.attempt, wait)
	}
}

func (m *model) release() {
	l, j, ok := m.any()
	if !ok {
		return
	}
	if err := m.queue.Release(m.t.Context(), l); !m.lost("release", j, l, err) {
		j.status, j.runAt = "pending", m.tables.Now()
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

func (m *model) retry() {
	if len(m.jobs) == 0 {
		return
	}
	j := m.jobs[m.rng.IntN(len(m.jobs))]
	err := m.module.Retry(m.t.Context(), "ann", j.id)
	m.note("retry %s, which is %s: %v", j.id, j.status, err)
	if failed := j.status == "failed" && !j.buried; failed != (err == nil) {
		m.fatal("retry of %+v: %v", j, err)
	}
	if err == nil {
		j.status, j.attempt, j.crashes, j.runAt = "pending", 0, 0, m.tables.Now()
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
		if j.status == "processing" && j.until.Before(m.tables.Now()) {
			m.ended(j, true, true)
		}
	}
}

func (m *model) pass() {
	d := time.Duration(m.rng.IntN(40_000)) * time.Millisecond
	m.note("%s pass", d)
	m.clock.advance(d)
	if m.tables != m.clock {
		m.tables.advance(d)
	}
}

// jump puts the clock of the processes wrong by up to ten minutes, forward or back.
func (m *model) jump() {
	d := time.Duration(m.rng.IntN(1_200_000)-600_000) * time.Millisecond
	m.note("the clock jumps by %s", d)
	m.clock.advance(d)
	m.jumps++
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
