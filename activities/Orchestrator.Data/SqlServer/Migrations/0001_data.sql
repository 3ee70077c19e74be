-- Datasets, their versions and how they were judged. Instants are microseconds since 1970-01-01 UTC.

CREATE TABLE datasets
(
    name       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    created_at bigint                                        NOT NULL
);

-- reference is the DatasetRef and profile the ArtifactRef, as JSON. The run, task and attempt are those that saw these bytes first.
-- seen_at moves when the same bytes are snapshotted again: the newest is what the source was last seen to be, also after it went back.
CREATE TABLE dataset_versions
(
    dataset    nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES datasets (name),
    version    nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    reference  nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    source     nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    profile    nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    row_count  bigint                                        NOT NULL,
    columns    bigint                                        NOT NULL,
    run_id     nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    task       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    attempt_id nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    created_at bigint                                        NOT NULL,
    seen_at    bigint                                        NOT NULL,
    PRIMARY KEY (dataset, version)
);

CREATE INDEX dataset_versions_by_age ON dataset_versions (dataset, seen_at DESC, version);

CREATE TABLE dataset_validations
(
    id           bigint NOT NULL IDENTITY (1, 1) PRIMARY KEY,
    dataset      nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    version      nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    part         nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
    passed       bigint                                        NOT NULL,
    errors       bigint                                        NOT NULL,
    warnings     bigint                                        NOT NULL,
    result       nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    pipeline     nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    run_id       nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    task         nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    attempt_id   nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    validated_at bigint                                        NOT NULL
);

CREATE INDEX dataset_validations_by_dataset ON dataset_validations (dataset, validated_at DESC);
