-- +goose Up
-- Roles, where sessions came from, API keys. A closed account keeps its row, without anything personal, until all that it
-- owned elsewhere is gone.
ALTER TABLE users ADD COLUMN role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin'));
ALTER TABLE users ADD COLUMN deleted_at datetime;
CREATE INDEX users_created ON users (created_at DESC, id DESC);

-- Keys by hash only. hint is the beginning of the key, for its owner to recognise it by.
CREATE TABLE api_keys (
    id            text     NOT NULL PRIMARY KEY,
    user_id       text     NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          text     NOT NULL,
    hint          text     NOT NULL,
    hash          text     NOT NULL,
    scopes        text     NOT NULL,
    created_at    datetime NOT NULL,
    expires_at    datetime,
    last_used_at  datetime,
    revoked_at    datetime
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at);

-- A session with a key is what the access tokens made from that key belong to: ending it ends them.
ALTER TABLE sessions ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN agent text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN api_key_id text REFERENCES api_keys (id) ON DELETE CASCADE;
CREATE INDEX sessions_key_alive ON sessions (api_key_id) WHERE api_key_id IS NOT NULL AND revoked_at IS NULL;
