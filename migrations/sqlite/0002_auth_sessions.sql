-- +goose Up
-- A session is a signed-in client; revoking it kills its refresh tokens and, through the cache, its access tokens.
CREATE TABLE sessions (
    id            text     NOT NULL PRIMARY KEY,
    user_id       text     NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    remember      boolean  NOT NULL,
    created_at    datetime NOT NULL,
    last_used_at  datetime NOT NULL,
    expires_at    datetime NOT NULL,
    revoked_at    datetime,
    revoke_reason text,
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);

CREATE INDEX sessions_user_alive ON sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX sessions_revoked_at ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

-- Refresh tokens by hash only. A spent one stays until its session goes, so that a replay is recognised.
-- successor_salt leads from the spent token to its successor and is forgotten when the grace is over.
CREATE TABLE refresh_tokens (
    hash           text     NOT NULL PRIMARY KEY,
    session_id     text     NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at     datetime NOT NULL,
    spent_at       datetime,
    successor_salt blob
);

CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
