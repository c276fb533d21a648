-- +goose Up
-- Keys that sign access tokens: one signs now, one is published to sign next, and some only verify what they once signed.
-- private_key is sealed with a key-encryption key that is not in the database.
CREATE TABLE signing_keys (
    kid         text     NOT NULL PRIMARY KEY,
    algorithm   text     NOT NULL CHECK (algorithm IN ('EdDSA', 'ES256')),
    state       text     NOT NULL CHECK (state IN ('next', 'current', 'retiring')),
    public_key  text     NOT NULL,
    private_key bytea     NOT NULL,
    created_at  timestamptz NOT NULL,
    current_at  timestamptz,
    retiring_at timestamptz,
    CHECK ((state = 'next') = (current_at IS NULL)),
    CHECK ((state = 'retiring') = (retiring_at IS NOT NULL))
);

-- At most one next and one current key, however many processes rotate at once.
CREATE UNIQUE INDEX signing_keys_state ON signing_keys (state) WHERE state IN ('next', 'current');
