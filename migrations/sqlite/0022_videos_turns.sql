-- +goose Up
-- turn_at is the job's place in the queue: when it was submitted, put off by the jobs of its owner before it and brought
-- forward by its priority. All waiting jobs age alike, so the order never changes and an index keeps it.
ALTER TABLE jobs ADD COLUMN turn_at timestamp NOT NULL DEFAULT '1970-01-01 00:00:00+00:00';
UPDATE jobs SET turn_at = strftime('%Y-%m-%d %H:%M:%f+00:00', julianday(created_at) - (priority - 2) * 15.0 / 1440);
-- Workers leave parameters alone that are newer than they are: old and new programs run together during an update.
ALTER TABLE jobs ADD COLUMN params_version integer NOT NULL DEFAULT 1;
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (turn_at, id) WHERE status = 'pending' AND deleted_at IS NULL;
CREATE INDEX jobs_open ON jobs (user_id, priority) WHERE status IN ('pending', 'processing') AND deleted_at IS NULL;
CREATE INDEX jobs_running ON jobs (user_id) WHERE status = 'processing';

CREATE TABLE attempts (
    job_id     text NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    token      integer NOT NULL,
    attempt    integer NOT NULL,
    worker     text NOT NULL,
    started_at timestamp NOT NULL,
    ended_at   timestamp,
    outcome    text NOT NULL DEFAULT 'running'
        CHECK (outcome IN ('running', 'completed', 'failed', 'retry', 'crashed', 'lost', 'released', 'cancelled')),
    code       text NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, token)
);
