package repository

import (
	"context"
	"strings"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// claimSegment is claim for segments, one at a time. A job whose attempt has died, and which waits for the next one, is worked on
// meanwhile. Index segments_due gives the rows in their order.
const claimSegment = `WITH due AS MATERIALIZED (
	SELECT s.job_id, s.number FROM segments s JOIN jobs j ON j.id = s.job_id
	WHERE s.state = 'waiting' AND s.run_at <= @now AND j.status IN ('pending', 'processing') AND j.deleted_at IS NULL
		AND j.params_version <= @version /*led*/ /*first*/ /*all*/ /*user*/
	ORDER BY s.turn_at, s.job_id, s.number LIMIT 1 /*lock*/)
UPDATE segments SET state = 'running', attempt = attempt + 1, lease_token = lease_token + 1, lease_owner = @worker, lease_until = @until,
	led = @led, progress_frames = 0, progress_rate = 0
WHERE (job_id, number) IN (SELECT job_id, number FROM due) AND state = 'waiting' RETURNING *`

// The parts of claimSegment that some bids need. What runs of a user, and in all, are jobs and those segments that take a place
// of their own.
const (
	segmentLed   = "AND j.id = @job AND j.status = 'processing' AND j.lease_token = @token"
	segmentFirst = `AND s.turn_at <= COALESCE((SELECT turn_at FROM jobs
		WHERE status = 'pending' AND deleted_at IS NULL AND run_at <= @now AND params_version <= @version ORDER BY turn_at, id LIMIT 1), s.turn_at)`
	segmentAll  = "AND " + running + " < @all"
	segmentUser = "AND s.user_id NOT IN " + busyUsers
	segmentLock = "FOR UPDATE OF s SKIP LOCKED"

	running = `(SELECT COUNT(*) FROM jobs WHERE status = 'processing')
		+ (SELECT COUNT(*) FROM segments WHERE state = 'running' AND NOT led)`
	busyUsers = `(SELECT user_id FROM (SELECT user_id FROM jobs WHERE status = 'processing'
		UNION ALL SELECT user_id FROM segments WHERE state = 'running' AND NOT led) r GROUP BY user_id HAVING COUNT(*) >= @user)`
)

// option is a part of a statement that some bids need.
type option struct {
	mark, text string
	wanted     bool
}

// fill puts the wanted options into the places marked for them.
func fill(sql string, parts ...option) string {
	for _, p := range parts {
		if p.wanted {
			sql = strings.Replace(sql, p.mark, p.text, 1)
		}
	}
	return sql
}

// takeSegment claims the segment whose turn is first, or none; before tells to take it only if no job comes before it, and lead to take
// one of the job that the lease holds.
func (tx *change) takeSegment(b domain.Bid, before bool, lead *domain.Lease) (rows []segmentRow, err error) {
	values := map[string]any{
		"now": tx.now, "worker": b.Worker, "until": tx.now.Add(b.Lease), "version": domain.ParamsVersion, "all": b.MaxRunning, "user": b.MaxPerUser,
		"led": lead != nil,
	}
	if lead != nil {
		values["job"], values["token"] = lead.JobID, lead.Token
	}
	sql := fill(claimSegment,
		option{"/*led*/", segmentLed, lead != nil}, option{"/*first*/", segmentFirst, before},
		option{"/*all*/", segmentAll, b.MaxRunning > 0 && lead == nil}, option{"/*user*/", segmentUser, b.MaxPerUser > 0 && lead == nil},
		option{"/*lock*/", segmentLock, tx.store.postgres})
	err = tx.Raw(sql, values).Scan(&rows).Error
	return rows, err
}

// beginSegments logs the attempts and adds the jobs.
func (tx *change) beginSegments(rows []segmentRow) ([]domain.Claim, error) {
	claims := make([]domain.Claim, len(rows))
	for i, r := range rows {
		job, err := tx.job(r.JobID)
		if err != nil {
			return nil, err
		}
		segment := toSegment(r)
		claims[i] = domain.Claim{Job: job, Segment: &segment, Divided: true}
		entry := segmentAttemptRow{
			JobID: r.JobID, Number: r.Number, Token: r.LeaseToken, Attempt: r.Attempt, Worker: r.LeaseOwner, StartedAt: tx.now,
			Outcome: string(domain.Running),
		}
		if err := tx.Create(&entry).Error; err != nil {
			return nil, err
		}
	}
	return claims, nil
}

// ClaimSegment starts an attempt at the next segment of the job that lead holds, in its place; ok is false when none waits.
func (s *Store) ClaimSegment(ctx context.Context, lead domain.Lease, b domain.Bid) (c domain.Claim, ok bool, err error) {
	err = s.change(ctx, func(tx *change) error {
		rows, err := tx.takeSegment(b, false, &lead)
		if err != nil || len(rows) == 0 {
			return err
		}
		claims, err := tx.beginSegments(rows)
		if err == nil {
			c, ok = claims[0], true
		}
		return err
	})
	return c, ok && err == nil, err
}

// segmentsWait tells whether any segment does; index segments_due.
func (tx *change) segmentsWait() (bool, error) {
	var n []int
	err := tx.Raw("SELECT 1 FROM segments WHERE state = 'waiting' LIMIT 1").Scan(&n).Error
	return len(n) > 0, err
}
