-- +goose Up
-- A session is a signed-in client; revoking it kills its refresh tokens and, through the cache, its access tokens.
CREATE TABLE sessions (
    id            uuid        NOT NULL PRIMARY KEY,
    user_id       uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    remember      boolean     NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    revoke_reason varchar(32),
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);

CREATE INDEX sessions_user_alive ON sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX sessions_revoked_at ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

-- Refresh tokens by hash only. A spent one stays until its session goes, so that a replay is recognised.
-- successor_salt leads from the spent token to its successor and is forgotten when the grace is over.
CREATE TABLE refresh_tokens (
    hash           char(64)    NOT NULL PRIMARY KEY,
    session_id     uuid        NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at     timestamptz NOT NULL,
    spent_at       timestamptz,
    successor_salt bytea
);

CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
