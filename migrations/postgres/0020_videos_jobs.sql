-- +goose Up
CREATE TABLE jobs (
    id                  uuid PRIMARY KEY,
    user_id             text NOT NULL,
    user_email          text NOT NULL DEFAULT '',
    user_name           text NOT NULL DEFAULT '',
    filename            text NOT NULL,
    video_format        text NOT NULL,
    source_key          text NOT NULL,
    source_size         bigint NOT NULL,
    source_sha256       text NOT NULL DEFAULT '',
    source_removed_at   timestamptz,
    video_info          jsonb NOT NULL DEFAULT '{}',
    duration            double precision NOT NULL DEFAULT 0,
    params              jsonb NOT NULL,
    estimated_frames    bigint,
    auto_cleanup        boolean NOT NULL DEFAULT false,

    status              text NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    priority            integer NOT NULL DEFAULT 2 CHECK (priority BETWEEN 1 AND 4),
    run_at              timestamptz NOT NULL,
    attempt             integer NOT NULL DEFAULT 0,
    crash_count         integer NOT NULL DEFAULT 0,
    lease_owner         text NOT NULL DEFAULT '',
    lease_token         bigint NOT NULL DEFAULT 0,
    lease_until         timestamptz,
    cancel_requested_at timestamptz,

    progress_percent    double precision NOT NULL DEFAULT 0,
    progress_stage      text NOT NULL DEFAULT '',
    progress_frames     integer NOT NULL DEFAULT 0,
    progress_rate       double precision NOT NULL DEFAULT 0,
    progress_eta        double precision NOT NULL DEFAULT 0,
    progress_at         timestamptz,

    result_key          text NOT NULL DEFAULT '',
    result_size         bigint NOT NULL DEFAULT 0,
    result_sha256       text NOT NULL DEFAULT '',
    frame_count         bigint,
    truncated           boolean NOT NULL DEFAULT false,
    partial_reason      text NOT NULL DEFAULT '',
    error_code          text NOT NULL DEFAULT '',
    error_message       text NOT NULL DEFAULT '',

    download_count      bigint NOT NULL DEFAULT 0,
    first_downloaded_at timestamptz,
    last_downloaded_at  timestamptz,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    started_at          timestamptz,
    completed_at        timestamptz,
    deleted_at          timestamptz,

    -- A lease belongs to a running attempt and to nothing else.
    CHECK ((status = 'processing') = (lease_until IS NOT NULL)),
    CHECK (status <> 'completed' OR (result_key <> '' AND frame_count IS NOT NULL AND completed_at IS NOT NULL))
);
CREATE INDEX jobs_by_user ON jobs (user_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX jobs_due ON jobs (priority DESC, run_at, id) WHERE status = 'pending' AND deleted_at IS NULL;
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE status = 'processing';
CREATE INDEX jobs_finished ON jobs (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX jobs_deleted ON jobs (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX jobs_by_source ON jobs (source_key);

CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid NOT NULL UNIQUE,
    event_type   text NOT NULL,
    topic        text NOT NULL,
    key          text NOT NULL,
    payload      jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    locked_until timestamptz,
    published_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

CREATE TABLE preferences (
    user_id     text PRIMARY KEY,
    preferences jsonb NOT NULL,
    updated_at  timestamptz NOT NULL
);

CREATE TABLE workers (
    id         text PRIMARY KEY,
    capacity   integer NOT NULL,
    started_at timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL
);
