-- The registered pipelines: by name, which of their definitions is the current one. Runs are pinned to definitions and need none of this.
CREATE TABLE pipelines (
    name           TEXT    NOT NULL PRIMARY KEY,
    -- Whoever may do something in a project may do it to all of its pipelines and to their runs.
    project        TEXT    NOT NULL,
    -- The current version, as in pipeline_versions.
    version        INTEGER NOT NULL CHECK (version >= 1),
    hash           TEXT    NOT NULL REFERENCES definitions (hash),
    source         TEXT    NOT NULL,
    source_path    TEXT,
    base_directory TEXT    NOT NULL,
    registered_at  INTEGER NOT NULL,
    registered_by  TEXT    NOT NULL,
    -- Null: not paused.
    paused_at      INTEGER,
    paused_by      TEXT,
    pause_reason   TEXT,
    -- Null: registered. A removed pipeline keeps its row, its versions and its project, since its runs do too.
    removed_at     INTEGER,
    removed_by     TEXT,
    -- The number of its newest change, from pipeline_changes.
    revision       INTEGER NOT NULL
) WITHOUT ROWID;

-- Whoever follows the pipelines asks for what has changed since a number.
CREATE UNIQUE INDEX pipelines_by_revision ON pipelines (revision);

-- What was registered, never changed afterwards.
CREATE TABLE pipeline_versions (
    pipeline       TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    hash           TEXT    NOT NULL REFERENCES definitions (hash),
    source         TEXT    NOT NULL,
    source_path    TEXT,
    base_directory TEXT    NOT NULL,
    registered_at  INTEGER NOT NULL,
    registered_by  TEXT    NOT NULL,
    PRIMARY KEY (pipeline, version)
) WITHOUT ROWID;

-- One row, made by the first change, that counts the changes of all pipelines. Each change raises it first and so holds its row until the commit: changes are committed in the order of their numbers,
-- and who has seen a number has seen all that come before it.
CREATE TABLE pipeline_changes (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) WITHOUT ROWID;
