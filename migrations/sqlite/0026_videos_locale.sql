-- +goose Up
-- The language in which the job was submitted, for mails about it.
ALTER TABLE jobs ADD COLUMN locale text NOT NULL DEFAULT '';
