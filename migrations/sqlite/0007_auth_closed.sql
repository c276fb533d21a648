-- +goose Up
-- Closed accounts, for those who still own something of them: /.well-known/closed-accounts.json lists them by this index.
CREATE INDEX users_closed ON users (deleted_at) WHERE deleted_at IS NOT NULL;
