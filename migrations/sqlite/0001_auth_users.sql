-- +goose Up
-- Accounts. Uniqueness ignores letter case: email is stored in lower case, and username_key is username in lower case.
CREATE TABLE users (
    id            text     NOT NULL PRIMARY KEY,
    email         text     NOT NULL CHECK (email = lower(email)),
    username      text     NOT NULL,
    username_key  text     NOT NULL CHECK (username_key = lower(username)),
    password_hash text     NOT NULL,
    first_name    text     NOT NULL,
    last_name     text     NOT NULL,
    status        text     NOT NULL CHECK (status IN ('active', 'inactive', 'blocked')),
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    last_login    datetime
);

CREATE UNIQUE INDEX users_email ON users (email);
CREATE UNIQUE INDEX users_username_key ON users (username_key);
