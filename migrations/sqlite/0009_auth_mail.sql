-- +goose Up
-- When the owner showed that the address is his, by a link in a mail; NULL until then.
ALTER TABLE users ADD COLUMN email_verified_at datetime;

-- Mails to be sent, written in the transaction that gives the reason for them. What they say, and the secret in their link,
-- is made when they are sent.
CREATE TABLE mails (
    id          text NOT NULL PRIMARY KEY,
    user_id     text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('welcome', 'verify', 'reset', 'password_changed')),
    locale      text NOT NULL,
    created_at  datetime NOT NULL,

    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'dropped')),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     datetime NOT NULL,
    lease_token integer NOT NULL DEFAULT 0,
    lease_until datetime,
    settled_at  datetime,
    reason      text NOT NULL DEFAULT ''
);

CREATE INDEX mails_due ON mails (next_at, id) WHERE state = 'waiting';
CREATE INDEX mails_settled ON mails (settled_at) WHERE settled_at IS NOT NULL;
-- Asking again while a mail waits does not make a second one.
CREATE UNIQUE INDEX mails_waiting ON mails (user_id, kind) WHERE state = 'waiting';

-- Secrets in links, by hash only. One works once, and then all of its purpose and user are gone.
CREATE TABLE mail_tokens (
    hash       text NOT NULL PRIMARY KEY,
    user_id    text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    text NOT NULL CHECK (purpose IN ('verify', 'reset')),
    created_at datetime NOT NULL,
    expires_at datetime NOT NULL
);

CREATE INDEX mail_tokens_user ON mail_tokens (user_id, purpose);
CREATE INDEX mail_tokens_expires ON mail_tokens (expires_at);
