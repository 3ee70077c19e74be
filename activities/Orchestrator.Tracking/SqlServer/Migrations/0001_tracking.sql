-- Experiments, what their runs logged, and the registry of models. Instants are microseconds since 1970-01-01 UTC.
-- run_id in the tables of an experiment is the tracking run's id, which is the id of the attempt that made it.

CREATE TABLE tracking_experiments
(
    id          bigint NOT NULL IDENTITY (1, 1) PRIMARY KEY,
    name        nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL UNIQUE,
    created_at  bigint                                        NOT NULL
);

CREATE TABLE tracking_runs
(
    id              nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL PRIMARY KEY,
    experiment_id   bigint                                        NOT NULL REFERENCES tracking_experiments (id),
    name            nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    status          nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    started_at      bigint                                        NOT NULL,
    ended_at        bigint                                        NULL,
    parent_id       nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    pipeline        nvarchar(200) COLLATE Latin1_General_100_BIN2 NULL,
    pipeline_run    nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    task            nvarchar(200) COLLATE Latin1_General_100_BIN2 NULL,
    map_index       bigint                                        NULL,
    attempt_number  bigint                                        NULL,
    definition      nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
    git_commit      nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
    dataset_version nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
    seed            bigint                                        NULL,
    environment     nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL DEFAULT N'{}'
);

-- Searches go through an experiment, newest first; ties by id.
CREATE INDEX tracking_runs_by_start ON tracking_runs (experiment_id, started_at DESC, id);
CREATE INDEX tracking_runs_by_task ON tracking_runs (pipeline_run, task);
CREATE INDEX tracking_runs_by_parent ON tracking_runs (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tracking_runs_by_dataset ON tracking_runs (dataset_version) WHERE dataset_version IS NOT NULL;

CREATE TABLE tracking_params
(
    run_id nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES tracking_runs (id),
    [key]  nvarchar(250) COLLATE Latin1_General_100_BIN2 NOT NULL,
    value  nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- A value may be longer than an index takes; the search compares the beginning first.
    value_start AS CAST(LEFT(value, 200) AS nvarchar(200)) PERSISTED,
    PRIMARY KEY (run_id, [key])
);

CREATE INDEX tracking_params_by_value ON tracking_params ([key], value_start);

-- The whole tuple is the key: a point that is logged twice is one point. NaN is 0 with is_nan = 1, since not every database keeps NaN.
CREATE TABLE tracking_metrics
(
    run_id    nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES tracking_runs (id),
    [key]     nvarchar(250) COLLATE Latin1_General_100_BIN2 NOT NULL,
    step      bigint                                        NOT NULL,
    logged_at bigint                                        NOT NULL,
    value     float                                         NOT NULL,
    is_nan    bigint                                        NOT NULL,
    PRIMARY KEY (run_id, [key], step, logged_at, value, is_nan)
);

-- The point with the highest (step, time, value) of each metric, kept beside the history so that lists and sorting never read the history.
CREATE TABLE tracking_latest_metrics
(
    run_id    nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES tracking_runs (id),
    [key]     nvarchar(250) COLLATE Latin1_General_100_BIN2 NOT NULL,
    step      bigint                                        NOT NULL,
    logged_at bigint                                        NOT NULL,
    value     float                                         NOT NULL,
    is_nan    bigint                                        NOT NULL,
    PRIMARY KEY (run_id, [key])
);

CREATE INDEX tracking_latest_metrics_by_value ON tracking_latest_metrics ([key], is_nan, value);

CREATE TABLE tracking_tags
(
    run_id nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES tracking_runs (id),
    [key]  nvarchar(250) COLLATE Latin1_General_100_BIN2 NOT NULL,
    value  nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- A value may be longer than an index takes; the search compares the beginning first.
    value_start AS CAST(LEFT(value, 200) AS nvarchar(200)) PERSISTED,
    PRIMARY KEY (run_id, [key])
);

CREATE INDEX tracking_tags_by_value ON tracking_tags ([key], value_start);

CREATE TABLE tracking_artifacts
(
    run_id   nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES tracking_runs (id),
    path     nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    artifact nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    PRIMARY KEY NONCLUSTERED (run_id, path)
);

-- What a run left that could not be stored as it was: a parameter written twice, an illegal name. Shown with the run.
CREATE TABLE tracking_problems
(
    run_id  nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES tracking_runs (id),
    code    nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    message nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- A message may be longer than a key.
    message_hash AS CAST(HASHBYTES('SHA2_256', message) AS binary(32)) PERSISTED NOT NULL,
    PRIMARY KEY (run_id, code, message_hash)
);

-- last_version hands out version numbers: it only grows, so a number never names two versions.
CREATE TABLE models
(
    name         nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    description  nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    last_version bigint                                        NOT NULL,
    created_at   bigint                                        NOT NULL,
    updated_at   bigint                                        NOT NULL
);

CREATE TABLE model_versions
(
    model           nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES models (name),
    version         bigint                                        NOT NULL,
    reference       nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    artifact_hash   nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    tracking_run    nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    pipeline_run    nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    task            nvarchar(200) COLLATE Latin1_General_100_BIN2 NULL,
    attempt_id      nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    status          nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    description     nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    tags            nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL DEFAULT N'{}',
    created_at      bigint                                        NOT NULL,
    idempotency_key nvarchar(300) COLLATE Latin1_General_100_BIN2 NOT NULL,
    PRIMARY KEY (model, version),
    UNIQUE (model, idempotency_key)
);

CREATE INDEX model_versions_by_artifact ON model_versions (model, artifact_hash);
CREATE INDEX model_versions_by_tracking_run ON model_versions (tracking_run) WHERE tracking_run IS NOT NULL;

CREATE TABLE model_aliases
(
    model      nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    alias      nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    version    bigint                                        NOT NULL,
    changed_at bigint                                        NOT NULL,
    PRIMARY KEY (model, alias),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version)
);

-- Append-only. version NULL: the alias was taken away.
CREATE TABLE model_alias_history
(
    id               bigint NOT NULL IDENTITY (1, 1) PRIMARY KEY,
    model            nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    alias            nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    version          bigint                                        NULL,
    previous_version bigint                                        NULL,
    changed_at       bigint                                        NOT NULL,
    pipeline_run     nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    task             nvarchar(200) COLLATE Latin1_General_100_BIN2 NULL,
    attempt_id       nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    reason           nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL
);

CREATE INDEX model_alias_history_by_model ON model_alias_history (model, id);
