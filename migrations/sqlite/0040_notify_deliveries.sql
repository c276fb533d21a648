-- +goose Up
-- One row for each mail about a job, sent or to be sent. The id is made of job and kind, so that there is one mail of a kind
-- about a job however often the reason is announced. Addresses are not kept here: the job has its owner's.
CREATE TABLE deliveries (
    id          text NOT NULL PRIMARY KEY,
    job_id      text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('completed', 'failed')),
    created_at  datetime NOT NULL,

    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'dropped')),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     datetime NOT NULL,
    lease_token integer NOT NULL DEFAULT 0,
    lease_until datetime,
    settled_at  datetime,
    reason      text NOT NULL DEFAULT ''
);

CREATE INDEX deliveries_due ON deliveries (next_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;

-- Up to when the ends of jobs have been looked at.
CREATE TABLE progress (
    name     text NOT NULL PRIMARY KEY,
    up_to    datetime NOT NULL
);
