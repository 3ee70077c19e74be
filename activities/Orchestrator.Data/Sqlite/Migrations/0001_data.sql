-- Datasets, their versions and how they were judged. Instants are microseconds since 1970-01-01 UTC.

CREATE TABLE datasets
(
    name       TEXT    NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- reference is the DatasetRef and profile the ArtifactRef, as JSON. The run, task and attempt are those that saw these bytes first.
-- seen_at moves when the same bytes are snapshotted again: the newest is what the source was last seen to be, also after it went back.
CREATE TABLE dataset_versions
(
    dataset    TEXT    NOT NULL REFERENCES datasets (name),
    version    TEXT    NOT NULL,
    reference  TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    profile    TEXT    NOT NULL,
    row_count  INTEGER NOT NULL,
    columns    INTEGER NOT NULL,
    run_id     TEXT    NOT NULL,
    task       TEXT    NOT NULL,
    attempt_id TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (dataset, version)
) WITHOUT ROWID;

CREATE INDEX dataset_versions_by_age ON dataset_versions (dataset, seen_at DESC, version);

CREATE TABLE dataset_validations
(
    id           INTEGER NOT NULL PRIMARY KEY,
    dataset      TEXT    NOT NULL,
    version      TEXT    NOT NULL,
    part         TEXT    NULL,
    passed       INTEGER NOT NULL,
    errors       INTEGER NOT NULL,
    warnings     INTEGER NOT NULL,
    result       TEXT    NOT NULL,
    pipeline     TEXT    NOT NULL,
    run_id       TEXT    NOT NULL,
    task         TEXT    NOT NULL,
    attempt_id   TEXT    NOT NULL,
    validated_at INTEGER NOT NULL
);

CREATE INDEX dataset_validations_by_dataset ON dataset_validations (dataset, validated_at DESC);
