-- +goose Up
-- Roles, where sessions came from, API keys. A closed account keeps its row, without anything personal, until all that it
-- owned elsewhere is gone.
ALTER TABLE users
    ADD COLUMN role       varchar(16) NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    ADD COLUMN deleted_at timestamptz;
CREATE INDEX users_created ON users (created_at DESC, id DESC);

-- Keys by hash only. hint is the beginning of the key, for its owner to recognise it by.
CREATE TABLE api_keys (
    id            uuid         NOT NULL PRIMARY KEY,
    user_id       uuid         NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          varchar(100) NOT NULL,
    hint          varchar(16)  NOT NULL,
    hash          char(64)     NOT NULL,
    scopes        varchar(255) NOT NULL,
    created_at    timestamptz  NOT NULL,
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at);

-- A session with a key is what the access tokens made from that key belong to: ending it ends them.
ALTER TABLE sessions
    ADD COLUMN address    varchar(64)  NOT NULL DEFAULT '',
    ADD COLUMN agent      varchar(255) NOT NULL DEFAULT '',
    ADD COLUMN api_key_id uuid REFERENCES api_keys (id) ON DELETE CASCADE;
CREATE INDEX sessions_key_alive ON sessions (api_key_id) WHERE api_key_id IS NOT NULL AND revoked_at IS NULL;
