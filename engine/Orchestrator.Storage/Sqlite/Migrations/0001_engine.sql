-- The engine's tables. Instants are whole microseconds since 1970-01-01 UTC; JSON is text; identifiers are text that sorts by time.
-- Tables that are found by a whole key and never by row number are WITHOUT ROWID: one tree to write instead of two.

CREATE TABLE definitions (
    hash            TEXT    NOT NULL PRIMARY KEY,
    pipeline        TEXT    NOT NULL,
    json            TEXT    NOT NULL,
    source_kind     TEXT    NOT NULL,
    source_path     TEXT,
    script_artifact TEXT,
    created_at      INTEGER NOT NULL
);

CREATE TABLE runs (
    id                  TEXT    NOT NULL PRIMARY KEY,
    pipeline            TEXT    NOT NULL,
    definition          TEXT    NOT NULL REFERENCES definitions (hash),
    status              TEXT    NOT NULL,
    params              TEXT    NOT NULL,
    overrides           TEXT,
    run_trigger         TEXT,
    base_directory      TEXT    NOT NULL,
    git_commit          TEXT,
    created_at          INTEGER NOT NULL,
    started_at          INTEGER,
    ended_at            INTEGER,
    failure             TEXT,
    owner               TEXT,
    owner_host          TEXT,
    owner_pid           INTEGER,
    owner_process_start INTEGER,
    epoch               INTEGER NOT NULL,
    lease_until         INTEGER,
    parent              TEXT    REFERENCES runs (id),
    relation            TEXT,
    sequence            INTEGER NOT NULL,
    idempotency_key     TEXT    UNIQUE
) WITHOUT ROWID;

CREATE INDEX runs_by_pipeline ON runs (pipeline, id);
CREATE INDEX runs_by_parent ON runs (parent) WHERE parent IS NOT NULL;
-- Everything that looks for work looks here; finished runs, which are nearly all, are not in it.
CREATE INDEX runs_unfinished ON runs (owner, lease_until) WHERE ended_at IS NULL;

CREATE TABLE run_events (
    run_id  TEXT    NOT NULL REFERENCES runs (id),
    seq     INTEGER NOT NULL,
    type    TEXT    NOT NULL,
    payload TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

-- One row per task, and one per item of a mapped task. map_index -1 is the task itself.
CREATE TABLE tasks (
    run_id           TEXT    NOT NULL REFERENCES runs (id),
    task             TEXT    NOT NULL,
    map_index        INTEGER NOT NULL,
    status           TEXT    NOT NULL,
    attempt_number   INTEGER NOT NULL,
    attempt_id       TEXT,
    label            TEXT,
    ready_at         INTEGER,
    started_at       INTEGER,
    ended_at         INTEGER,
    reason           TEXT,
    outputs          TEXT,
    failure          TEXT,
    cached_from      TEXT,
    progress         REAL,
    progress_message TEXT,
    PRIMARY KEY (run_id, task, map_index)
) WITHOUT ROWID;

CREATE TABLE attempts (
    run_id       TEXT    NOT NULL REFERENCES runs (id),
    id           TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    map_index    INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    status       TEXT    NOT NULL,
    lane         TEXT    NOT NULL,
    worker       TEXT,
    queued_at    INTEGER,
    started_at   INTEGER,
    heartbeat_at INTEGER,
    ended_at     INTEGER,
    failure      TEXT,
    PRIMARY KEY (run_id, id)
) WITHOUT ROWID;

CREATE TABLE pools (
    name TEXT    NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL CHECK (size >= 0)
) WITHOUT ROWID;

CREATE TABLE slots (
    pool       TEXT    NOT NULL REFERENCES pools (name),
    attempt_id TEXT    NOT NULL,
    weight     INTEGER NOT NULL CHECK (weight >= 1),
    owner      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (pool, attempt_id)
) WITHOUT ROWID;

CREATE INDEX slots_by_attempt ON slots (attempt_id);
CREATE INDEX slots_by_owner ON slots (owner);

CREATE TABLE cache_entries (
    key        TEXT    NOT NULL PRIMARY KEY,
    parts      TEXT    NOT NULL,
    outputs    TEXT    NOT NULL,
    run_id     TEXT    NOT NULL,
    task       TEXT    NOT NULL,
    attempt_id TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
);

CREATE TABLE outbox (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT    NOT NULL,
    payload TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    done_at INTEGER
);

CREATE INDEX outbox_open ON outbox (seq) WHERE done_at IS NULL;

CREATE TABLE run_requests (
    id       TEXT    NOT NULL PRIMARY KEY,
    run_id   TEXT    NOT NULL REFERENCES runs (id),
    kind     TEXT    NOT NULL,
    payload  TEXT,
    asked_by TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    taken_at INTEGER
) WITHOUT ROWID;

CREATE INDEX run_requests_open ON run_requests (run_id, id) WHERE taken_at IS NULL;

CREATE TABLE artifacts (
    hash          TEXT    NOT NULL PRIMARY KEY,
    size_in_bytes INTEGER NOT NULL,
    media_type    TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE artifact_uses (
    run_id     TEXT    NOT NULL REFERENCES runs (id),
    task       TEXT    NOT NULL,
    map_index  INTEGER NOT NULL,
    attempt_id TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    hash       TEXT    NOT NULL REFERENCES artifacts (hash),
    -- The name this use gave it; the artifact's own row has the first one.
    file_name  TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    PRIMARY KEY (run_id, task, map_index, attempt_id, name)
) WITHOUT ROWID;

-- Retention asks who still uses a file.
CREATE INDEX artifact_uses_by_hash ON artifact_uses (hash);
