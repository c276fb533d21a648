package repository

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// claim is one statement: whatever runs beside it, a job changes hands once. The CTE is materialized because a planner
// that ran it again could lock more rows than the limit. Index jobs_due gives the rows in their order, so the cost does
// not depend on how many wait or have ended.
const claim = `WITH due AS MATERIALIZED (
	SELECT id FROM jobs WHERE status = 'pending' AND deleted_at IS NULL AND run_at <= @now AND params_version <= @version /*job*/ /*all*/ /*user*/
	ORDER BY turn_at, id LIMIT @n /*lock*/)
UPDATE jobs SET status = 'processing', attempt = attempt + 1, lease_token = lease_token + 1, lease_owner = @worker,
	lease_until = @until, started_at = @now, completed_at = NULL, updated_at = @now, error_code = '', error_message = '',
	progress_percent = @percent, progress_stage = @stage, progress_frames = 0, progress_rate = 0, progress_eta = 0, progress_at = @now
WHERE id IN (SELECT id FROM due) AND status = 'pending' RETURNING *`

// The parts of claim that some bids need. Index jobs_running serves both counts.
const (
	claimJob  = "AND id = @job"
	claimAll  = "AND " + running + " < @all"
	claimUser = "AND user_id NOT IN " + busyUsers
	claimLock = "FOR UPDATE SKIP LOCKED"
)

func (s *Store) claimSQL(b domain.Bid) string {
	return fill(claim, option{"/*job*/", claimJob, b.JobID != ""}, option{"/*all*/", claimAll, b.MaxRunning > 0},
		option{"/*user*/", claimUser, b.MaxPerUser > 0}, option{"/*lock*/", claimLock, s.postgres})
}

// Claim starts attempts at jobs and segments, that whose turn is first first.
func (s *Store) Claim(ctx context.Context, b domain.Bid) ([]domain.Claim, error) {
	var claims []domain.Claim
	err := s.change(ctx, func(tx *change) (err error) {
		claims, err = tx.claim(b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return claims, nil
}

// claim takes one by one when limits or segments matter: each must see the one before it, and with limits on PostgreSQL no other
// claim may run between the counting and the taking. The lock ends with the transaction, a millisecond later.
func (tx *change) claim(b domain.Bid) ([]domain.Claim, error) {
	if b.Limited() && tx.store.postgres {
		if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtext(current_schema() || ' claim'))").Error; err != nil {
			return nil, err
		}
	}
	segments, err := tx.segmentsWait()
	if err != nil {
		return nil, err
	}
	segments = segments && b.JobID == ""
	if !segments && !b.Limited() {
		return tx.takeJobs(b, b.N)
	}
	var all []domain.Claim
	for range b.N {
		next, err := tx.next(b, segments)
		if err != nil || len(next) == 0 {
			return all, err
		}
		all = append(all, next...)
	}
	return all, nil
}

// next takes one, a segment if the turn of none of the jobs is before it. When the job whose turn it is cannot be had, for a limit
// or because another worker is about to take it, there may still be a segment.
func (tx *change) next(b domain.Bid, segments bool) ([]domain.Claim, error) {
	ways := []func() ([]domain.Claim, error){
		func() ([]domain.Claim, error) { return tx.takeSegments(b, true) },
		func() ([]domain.Claim, error) { return tx.takeJobs(b, 1) },
		func() ([]domain.Claim, error) { return tx.takeSegments(b, false) },
	}
	if !segments {
		ways = ways[1:2]
	}
	for _, take := range ways {
		if claims, err := take(); err != nil || len(claims) > 0 {
			return claims, err
		}
	}
	return nil, nil
}

func (tx *change) takeSegments(b domain.Bid, before bool) ([]domain.Claim, error) {
	rows, err := tx.takeSegment(b, before, nil)
	if err != nil {
		return nil, err
	}
	return tx.beginSegments(rows)
}

func (tx *change) takeJobs(b domain.Bid, n int) ([]domain.Claim, error) {
	rows, err := tx.take(b, n)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b jobRow) int {
		return cmp.Or(a.TurnAt.Compare(b.TurnAt), strings.Compare(a.ID, b.ID))
	})
	jobs, err := toJobs(rows)
	if err != nil {
		return nil, err
	}
	return tx.begin(jobs)
}

func (tx *change) take(b domain.Bid, n int) (rows []jobRow, err error) {
	start := domain.StartProgress()
	err = tx.Raw(tx.store.claimSQL(b), map[string]any{
		"now": tx.now, "job": b.JobID, "n": n, "worker": b.Worker, "until": tx.now.Add(b.Lease), "version": domain.ParamsVersion,
		"percent": start.Percent, "stage": start.Stage, "all": b.MaxRunning, "user": b.MaxPerUser,
	}).Scan(&rows).Error
	return rows, err
}

// begin logs the attempts, announces them and tells which go on with what was begun.
func (tx *change) begin(jobs []domain.Job) ([]domain.Claim, error) {
	claims, ids := make([]domain.Claim, len(jobs)), make([]string, len(jobs))
	attempts := make([]attemptRow, len(jobs))
	for i, job := range jobs {
		claims[i].Job, ids[i] = job, job.ID
		attempts[i] = attemptRow{
			JobID: job.ID, Token: job.LeaseToken, Attempt: job.Attempt, Worker: job.LeaseOwner, StartedAt: tx.now,
			Outcome: string(domain.Running),
		}
		if err := tx.announce(job); err != nil {
			return nil, err
		}
	}
	if err := tx.Create(&attempts).Error; err != nil {
		return nil, err
	}
	var divided []string
	if err := tx.Model(&segmentRow{}).Distinct("job_id").Where("job_id IN ?", ids).Pluck("job_id", &divided).Error; err != nil {
		return nil, err
	}
	for i := range claims {
		claims[i].Divided = slices.Contains(divided, claims[i].Job.ID)
	}
	return claims, nil
}
