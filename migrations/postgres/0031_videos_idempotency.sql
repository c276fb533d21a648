-- +goose Up
-- What a client's Idempotency-Key stands for. While a submission is under way job_id is empty, and the process that reads it keeps
-- locked_until in the future; a row whose time is over was left by one that died.
CREATE TABLE idempotency_keys (
    user_id      text NOT NULL,
    key          text NOT NULL,
    token        text NOT NULL,
    locked_until timestamptz NOT NULL,
    fingerprint  text NOT NULL DEFAULT '',
    job_id       text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_old ON idempotency_keys (created_at);
