-- The engine's tables. Instants are whole microseconds since 1970-01-01 UTC; JSON is text; identifiers are text that sorts by time.
-- Text compares byte by byte (BIN2), as in every dialect; what a key holds has a greatest length, because SQL Server's keys have one.

CREATE TABLE definitions (
    hash            nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    pipeline        nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    json            nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    source_kind     nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    source_path     nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    script_artifact nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
    created_at      bigint                                        NOT NULL
);

CREATE TABLE runs (
    id                  nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL PRIMARY KEY,
    pipeline            nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    definition          nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES definitions (hash),
    status              nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    params              nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    overrides           nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    run_trigger         nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    base_directory      nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    git_commit          nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
    created_at          bigint                                        NOT NULL,
    started_at          bigint                                        NULL,
    ended_at            bigint                                        NULL,
    failure             nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    owner               nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL,
    owner_host          nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL,
    owner_pid           bigint                                        NULL,
    owner_process_start bigint                                        NULL,
    epoch               bigint                                        NOT NULL,
    lease_until         bigint                                        NULL,
    parent              nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL REFERENCES runs (id),
    relation            nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    sequence            bigint                                        NOT NULL,
    idempotency_key     nvarchar(400) COLLATE Latin1_General_100_BIN2 NULL
);

-- A UNIQUE constraint would let in one run without a key, and no other.
CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE INDEX runs_by_pipeline ON runs (pipeline, id);
CREATE INDEX runs_by_parent ON runs (parent) WHERE parent IS NOT NULL;
-- Everything that looks for work looks here; finished runs, which are nearly all, are not in it.
CREATE INDEX runs_unfinished ON runs (owner, lease_until) WHERE ended_at IS NULL;

CREATE TABLE run_events (
    run_id  nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES runs (id),
    seq     bigint                                        NOT NULL,
    type    nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    payload nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at      bigint                                        NOT NULL,
    PRIMARY KEY (run_id, seq)
);

-- One row per task, and one per item of a mapped task. map_index -1 is the task itself.
CREATE TABLE tasks (
    run_id           nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES runs (id),
    task             nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    map_index        bigint                                        NOT NULL,
    status           nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    attempt_number   bigint                                        NOT NULL,
    attempt_id       nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    label            nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    ready_at         bigint                                        NULL,
    started_at       bigint                                        NULL,
    ended_at         bigint                                        NULL,
    reason           nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    outputs          nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    failure          nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    cached_from      nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    progress         float                                         NULL,
    progress_message nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    PRIMARY KEY (run_id, task, map_index)
);

CREATE TABLE attempts (
    run_id       nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES runs (id),
    id           nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    task         nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    map_index    bigint                                        NOT NULL,
    number       bigint                                        NOT NULL,
    status       nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    lane         nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    worker       nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    queued_at    bigint                                        NULL,
    started_at   bigint                                        NULL,
    heartbeat_at bigint                                        NULL,
    ended_at     bigint                                        NULL,
    failure      nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    PRIMARY KEY (run_id, id)
);

CREATE TABLE pools (
    name nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    size bigint                                        NOT NULL CHECK (size >= 0)
);

CREATE TABLE slots (
    pool       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES pools (name),
    attempt_id nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    weight     bigint                                        NOT NULL CHECK (weight >= 1),
    owner      nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    expires_at bigint                                        NOT NULL,
    PRIMARY KEY (pool, attempt_id)
);

CREATE INDEX slots_by_attempt ON slots (attempt_id);
CREATE INDEX slots_by_owner ON slots (owner);

CREATE TABLE cache_entries (
    [key]      nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    parts      nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    outputs    nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    run_id     nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    task       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    attempt_id nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    created_at bigint                                        NOT NULL,
    expires_at bigint                                        NULL
);

CREATE TABLE outbox (
    seq     bigint NOT NULL IDENTITY (1, 1) PRIMARY KEY,
    kind    nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    payload nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at      bigint                                        NOT NULL,
    done_at bigint                                        NULL
);

CREATE INDEX outbox_open ON outbox (seq) WHERE done_at IS NULL;

CREATE TABLE run_requests (
    id       nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL PRIMARY KEY,
    run_id   nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES runs (id),
    kind     nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    payload  nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    asked_by nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at       bigint                                        NOT NULL,
    taken_at bigint                                        NULL
);

CREATE INDEX run_requests_open ON run_requests (run_id, id) WHERE taken_at IS NULL;

CREATE TABLE artifacts (
    hash          nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    size_in_bytes bigint                                        NOT NULL,
    media_type    nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name          nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created_at    bigint                                        NOT NULL
);

CREATE TABLE artifact_uses (
    run_id     nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES runs (id),
    task       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    map_index  bigint                                        NOT NULL,
    attempt_id nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    name       nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    hash       nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES artifacts (hash),
    -- The name this use gave it; the artifact's own row has the first one.
    file_name  nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    media_type nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- Not clustered: such a key may be longer.
    PRIMARY KEY NONCLUSTERED (run_id, task, map_index, attempt_id, name)
);

-- Retention asks who still uses a file.
CREATE INDEX artifact_uses_by_hash ON artifact_uses (hash);
