-- +goose Up
-- Accounts. Uniqueness ignores letter case: email is stored in lower case, and username_key is username in lower case.
CREATE TABLE users (
    id            uuid         NOT NULL PRIMARY KEY,
    email         varchar(255) NOT NULL CHECK (email = lower(email)),
    username      varchar(50)  NOT NULL,
    username_key  varchar(50)  NOT NULL CHECK (username_key = lower(username)),
    password_hash varchar(255) NOT NULL,
    first_name    varchar(100) NOT NULL,
    last_name     varchar(100) NOT NULL,
    status        varchar(16)  NOT NULL CHECK (status IN ('active', 'inactive', 'blocked')),
    created_at    timestamptz  NOT NULL,
    updated_at    timestamptz  NOT NULL,
    last_login    timestamptz
);

CREATE UNIQUE INDEX users_email ON users (email);
CREATE UNIQUE INDEX users_username_key ON users (username_key);
