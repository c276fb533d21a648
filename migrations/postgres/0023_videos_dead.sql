-- +goose Up
-- Operators look at the jobs that failed last; there may be many that did not.
CREATE INDEX jobs_dead ON jobs (completed_at DESC, id DESC) WHERE status = 'failed' AND deleted_at IS NULL;
