-- +goose Up
-- What happened to accounts: who, what, when, from where. Users are named by id alone, and without a foreign key, because a
-- line outlives its account. Nothing here is secret, and no e-mail or name is in it.
CREATE TABLE audit_log (
    id         integer  NOT NULL PRIMARY KEY AUTOINCREMENT,
    at         datetime NOT NULL,
    action     text     NOT NULL,
    outcome    text     NOT NULL,
    actor_id   text     NOT NULL DEFAULT '', -- who did it; empty is nobody known, or the operator at the command line
    subject_id text     NOT NULL DEFAULT '', -- whose account it is about
    object_id  text     NOT NULL DEFAULT '', -- the session or key
    detail     text     NOT NULL DEFAULT '', -- a code, never free text
    address    text     NOT NULL DEFAULT '',
    agent      text     NOT NULL DEFAULT ''
);

CREATE INDEX audit_log_subject ON audit_log (subject_id, id);
CREATE INDEX audit_log_action ON audit_log (action, id);
CREATE INDEX audit_log_at ON audit_log (at);

-- Lines are never changed, and go only when they are older than the shortest retention that can be set (720 hours).
-- +goose StatementBegin
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
WHEN OLD.at >= strftime('%Y-%m-%d %H:%M:%S', 'now', '-719 hours')
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
-- +goose StatementEnd
