-- +goose Up
-- What workers say of themselves; those that only take jobs (older programs) leave it at the defaults.
ALTER TABLE workers ADD COLUMN version text NOT NULL DEFAULT '';
ALTER TABLE workers ADD COLUMN state text NOT NULL DEFAULT 'working' CHECK (state IN ('working', 'stopping', 'stopped'));
ALTER TABLE workers ADD COLUMN running integer NOT NULL DEFAULT 0;
ALTER TABLE workers ADD COLUMN completed integer NOT NULL DEFAULT 0;
ALTER TABLE workers ADD COLUMN failed integer NOT NULL DEFAULT 0;
