-- +goose Up
-- Seconds into the film from which on it could not be read; NULL for a result that reaches its end.
ALTER TABLE jobs ADD COLUMN damaged_at double precision;
