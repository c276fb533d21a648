-- +goose Up
-- A long job may be worked on in parts: each segment is a stretch of the images, claimed and leased like a job. Its archive part
-- is joined with the others' into the job's result by the worker that holds the job.
CREATE TABLE segments (
    job_id          uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number          integer NOT NULL, -- from 1
    user_id         text NOT NULL,
    from_image      integer NOT NULL, -- images before it
    to_image        integer NOT NULL, -- its last one, from 1
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'dropped')),
    turn_at         timestamptz NOT NULL,
    run_at          timestamptz NOT NULL,
    attempt         integer NOT NULL DEFAULT 0,
    losses          integer NOT NULL DEFAULT 0,
    lease_owner     text NOT NULL DEFAULT '',
    lease_token     bigint NOT NULL DEFAULT 0,
    lease_until     timestamptz,
    led             boolean NOT NULL DEFAULT false, -- worked on in the place of the job itself, which counts already
    progress_frames integer NOT NULL DEFAULT 0,
    progress_rate   double precision NOT NULL DEFAULT 0,
    part_key        text NOT NULL DEFAULT '',
    part_size       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (job_id, number),
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK (state <> 'done' OR part_key <> '')
);
CREATE INDEX segments_due ON segments (turn_at, job_id, number) WHERE state = 'waiting';
CREATE INDEX segments_leased ON segments (lease_until) WHERE state = 'running';

-- The log of segments, as attempts is that of jobs.
CREATE TABLE segment_attempts (
    job_id     uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number     integer NOT NULL,
    token      bigint NOT NULL,
    attempt    integer NOT NULL,
    worker     text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    outcome    text NOT NULL DEFAULT 'running'
        CHECK (outcome IN ('running', 'completed', 'failed', 'retry', 'crashed', 'lost', 'released', 'cancelled')),
    code       text NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, number, token)
);
