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
	claimAll  = "AND (SELECT COUNT(*) FROM jobs WHERE status = 'processing') < @all"
	claimUser = "AND user_id NOT IN (SELECT user_id FROM jobs WHERE status = 'processing' GROUP BY user_id HAVING COUNT(*) >= @user)"
	claimLock = "FOR UPDATE SKIP LOCKED"
)

func (s *Store) claimSQL(b domain.Bid) string {
	sql := claim
	for _, part := range []struct {
		mark, text string
		wanted     bool
	}{
		{"/*job*/", claimJob, b.JobID != ""},
		{"/*all*/", claimAll, b.MaxRunning > 0},
		{"/*user*/", claimUser, b.MaxPerUser > 0},
		{"/*lock*/", claimLock, s.postgres},
	} {
		if part.wanted {
			sql = strings.Replace(sql, part.mark, part.text, 1)
		}
	}
	return sql
}

// Claim starts attempts, the job whose turn is first first.
func (s *Store) Claim(ctx context.Context, b domain.Bid) ([]domain.Job, error) {
	var jobs []domain.Job
	err := s.change(ctx, func(tx *change) error {
		rows, err := tx.claim(b)
		if err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b jobRow) int {
			return cmp.Or(a.TurnAt.Compare(b.TurnAt), strings.Compare(a.ID, b.ID))
		})
		if jobs, err = toJobs(rows); err != nil {
			return err
		}
		return tx.begin(jobs)
	})
	if err != nil {
		return nil, err
	}
	return jobs, nil
}

// claim takes jobs one by one when limits matter: each must see the one before it, and on PostgreSQL no other claim may
// run between the counting and the taking. The lock ends with the transaction, a millisecond later.
func (tx *change) claim(b domain.Bid) ([]jobRow, error) {
	if !b.Limited() {
		return tx.take(b, b.N)
	}
	if tx.store.postgres {
		if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtext(current_schema() || ' claim'))").Error; err != nil {
			return nil, err
		}
	}
	var all []jobRow
	for range b.N {
		rows, err := tx.take(b, 1)
		if err != nil || len(rows) == 0 {
			return all, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func (tx *change) take(b domain.Bid, n int) (rows []jobRow, err error) {
	start := domain.StartProgress()
	err = tx.Raw(tx.store.claimSQL(b), map[string]any{
		"now": tx.now, "job": b.JobID, "n": n, "worker": b.Worker, "until": tx.now.Add(b.Lease), "version": domain.ParamsVersion,
		"percent": start.Percent, "stage": start.Stage, "all": b.MaxRunning, "user": b.MaxPerUser,
	}).Scan(&rows).Error
	return rows, err
}

// begin logs the attempts and announces them.
func (tx *change) begin(jobs []domain.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	attempts := make([]attemptRow, len(jobs))
	for i, job := range jobs {
		attempts[i] = attemptRow{
			JobID: job.ID, Token: job.LeaseToken, Attempt: job.Attempt, Worker: job.LeaseOwner, StartedAt: tx.now,
			Outcome: string(domain.Running),
		}
		if err := tx.announce(job); err != nil {
			return err
		}
	}
	return tx.Create(&attempts).Error
}
