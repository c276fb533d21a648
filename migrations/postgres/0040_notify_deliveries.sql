-- +goose Up
-- One row for each mail about a job, sent or to be sent. The id is made of job and kind, so that there is one mail of a kind
-- about a job however often the reason is announced. Addresses are not kept here: the job has its owner's.
CREATE TABLE deliveries (
    id          varchar(80) NOT NULL PRIMARY KEY,
    job_id      uuid NOT NULL,
    kind        varchar(32) NOT NULL CHECK (kind IN ('completed', 'failed')),
    created_at  timestamptz NOT NULL,

    state       varchar(16) NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'dropped')),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    lease_token bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    settled_at  timestamptz,
    reason      text NOT NULL DEFAULT ''
);

CREATE INDEX deliveries_due ON deliveries (next_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;

-- Up to when the ends of jobs have been looked at.
CREATE TABLE progress (
    name     varchar(32) NOT NULL PRIMARY KEY,
    up_to    timestamptz NOT NULL
);
