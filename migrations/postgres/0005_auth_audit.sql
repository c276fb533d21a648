-- +goose Up
-- What happened to accounts: who, what, when, from where. Users are named by id alone, and without a foreign key, because a
-- line outlives its account. Nothing here is secret, and no e-mail or name is in it.
CREATE TABLE audit_log (
    id         bigint       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz  NOT NULL,
    action     varchar(32)  NOT NULL,
    outcome    varchar(16)  NOT NULL,
    actor_id   varchar(36)  NOT NULL DEFAULT '', -- who did it; empty is nobody known, or the operator at the command line
    subject_id varchar(36)  NOT NULL DEFAULT '', -- whose account it is about
    object_id  varchar(64)  NOT NULL DEFAULT '', -- the session or key
    detail     varchar(64)  NOT NULL DEFAULT '', -- a code, never free text
    address    varchar(64)  NOT NULL DEFAULT '',
    agent      varchar(255) NOT NULL DEFAULT ''
);

CREATE INDEX audit_log_subject ON audit_log (subject_id, id);
CREATE INDEX audit_log_action ON audit_log (action, id);
CREATE INDEX audit_log_at ON audit_log (at);

-- Lines are never changed, and go only when they are older than the shortest retention that can be set (720 hours).
-- +goose StatementBegin
CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '719 hours' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_log is append-only';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER audit_log_rows BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_append_only();
CREATE TRIGGER audit_log_whole BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only();
