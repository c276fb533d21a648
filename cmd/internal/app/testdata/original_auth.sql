-- The tables of accounts as the original makes them.
CREATE TYPE userstatusenum AS ENUM ('ACTIVE', 'INACTIVE', 'BLOCKED');
CREATE TYPE tokentypeenum AS ENUM ('ACCESS', 'REFRESH');
CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    email varchar(255) NOT NULL,
    username varchar(50) NOT NULL,
    password_hash varchar(255) NOT NULL,
    first_name varchar(100) NOT NULL,
    last_name varchar(100) NOT NULL,
    status userstatusenum NOT NULL,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    last_login timestamp
);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE UNIQUE INDEX ix_users_username ON users (username);
CREATE TABLE auth_tokens (
    id uuid NOT NULL PRIMARY KEY,
    token text NOT NULL,
    token_type tokentypeenum NOT NULL,
    user_id uuid NOT NULL,
    expires_at timestamp NOT NULL,
    created_at timestamp NOT NULL,
    is_revoked boolean NOT NULL
);
CREATE UNIQUE INDEX ix_auth_tokens_token ON auth_tokens (token);
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('fd08cb5e6b7a');

-- HASH is bcrypt of "Password123!".
INSERT INTO users VALUES
('00000000-0000-0000-0000-000000000000', 'first@example.com', 'first', 'HASH', 'F', 'F', 'ACTIVE', '2024-01-01', '2024-01-01', NULL),
('a0000000-0000-4000-8000-000000000001', 'Ana@example.com', 'Ana', 'HASH', 'Ana', 'Silva', 'ACTIVE', '2024-01-02 03:04:05.678901', '2024-02-02', '2024-03-03 01:02:03'),
('a0000000-0000-4000-8000-000000000002', 'bob@example.com', 'bob', 'HASH', 'Bob', E'B\nb', 'BLOCKED', '2024-01-02', '2024-01-02', NULL),
('a0000000-0000-4000-8000-000000000003', 'dup@example.com', 'dup-a', 'HASH', 'D', 'D', 'ACTIVE', '2024-01-02', '2024-01-02', NULL),
('a0000000-0000-4000-8000-000000000004', 'DUP@example.com', 'dup-b', 'HASH', 'D', 'D', 'ACTIVE', '2024-01-02', '2024-01-02', NULL),
('a0000000-0000-4000-8000-000000000005', 'n1@example.com', 'twice', 'HASH', 'D', 'D', 'ACTIVE', '2024-01-02', '2024-01-02', NULL),
('a0000000-0000-4000-8000-000000000006', 'n2@example.com', 'TWICE', 'HASH', 'D', 'D', 'ACTIVE', '2024-01-02', '2024-01-02', NULL),
('a0000000-0000-4000-8000-000000000007', 'n3@example.com', 'plain', 'secret', 'D', 'D', 'ACTIVE', '2024-01-02', '2024-01-02', NULL),
('a0000000-0000-4000-8000-000000000008', 'n4@example.com', 'never', 'HASH', 'D', 'D', 'ACTIVE', 'infinity', 'infinity', '-infinity'),
('a0000000-0000-4000-8000-000000000009', 'n5@example.com', 'x@y', 'HASH', 'D', 'D', 'ACTIVE', '2024-01-02', '2024-01-02', NULL),
('a0000000-0000-4000-8000-00000000000a', 'nobody', 'noaddress', 'HASH', 'D', 'D', 'ACTIVE', '2024-01-02', '2024-01-02', NULL);
