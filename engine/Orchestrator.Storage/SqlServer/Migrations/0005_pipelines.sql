-- The registered pipelines: by name, which of their definitions is the current one. Runs are pinned to definitions and need none of this.
CREATE TABLE pipelines (
    name           nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    -- Whoever may do something in a project may do it to all of its pipelines and to their runs.
    project        nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- The current version, as in pipeline_versions.
    version        bigint                                        NOT NULL CHECK (version >= 1),
    hash           nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES definitions (hash),
    source         nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    source_path    nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    base_directory nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    registered_at  bigint                                        NOT NULL,
    registered_by  nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- Null: not paused.
    paused_at      bigint                                        NULL,
    paused_by      nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL,
    pause_reason   nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    -- Null: registered. A removed pipeline keeps its row, its versions and its project, since its runs do too.
    removed_at     bigint                                        NULL,
    removed_by     nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL,
    -- The number of its newest change, from pipeline_changes.
    revision       bigint                                        NOT NULL
);

-- Whoever follows the pipelines asks for what has changed since a number.
CREATE UNIQUE INDEX pipelines_by_revision ON pipelines (revision);

-- What was registered, never changed afterwards.
CREATE TABLE pipeline_versions (
    pipeline       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    version        bigint                                        NOT NULL,
    hash           nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES definitions (hash),
    source         nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    source_path    nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    base_directory nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    registered_at  bigint                                        NOT NULL,
    registered_by  nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    PRIMARY KEY (pipeline, version)
);

-- One row, made by the first change, that counts the changes of all pipelines. Each change raises it first and so holds its row until the commit: changes are committed in the order of their numbers,
-- and who has seen a number has seen all that come before it.
CREATE TABLE pipeline_changes (
    id     bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    number bigint NOT NULL
);
