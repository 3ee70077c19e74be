-- Experiments, what their runs logged, and the registry of models. Instants are microseconds since 1970-01-01 UTC.
-- run_id in the tables of an experiment is the tracking run's id, which is the id of the attempt that made it.

CREATE TABLE tracking_experiments
(
    id          INTEGER NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL
);

CREATE TABLE tracking_runs
(
    id              TEXT    NOT NULL PRIMARY KEY,
    experiment_id   INTEGER NOT NULL REFERENCES tracking_experiments (id),
    name            TEXT    NULL,
    status          TEXT    NOT NULL,
    started_at      INTEGER NOT NULL,
    ended_at        INTEGER NULL,
    parent_id       TEXT    NULL,
    pipeline        TEXT    NULL,
    pipeline_run    TEXT    NULL,
    task            TEXT    NULL,
    map_index       INTEGER NULL,
    attempt_number  INTEGER NULL,
    definition      TEXT    NULL,
    git_commit      TEXT    NULL,
    dataset_version TEXT    NULL,
    seed            INTEGER NULL,
    environment     TEXT    NOT NULL DEFAULT '{}'
) WITHOUT ROWID;

-- Searches go through an experiment, newest first; ties by id.
CREATE INDEX tracking_runs_by_start ON tracking_runs (experiment_id, started_at DESC, id);
CREATE INDEX tracking_runs_by_task ON tracking_runs (pipeline_run, task);
CREATE INDEX tracking_runs_by_parent ON tracking_runs (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tracking_runs_by_dataset ON tracking_runs (dataset_version) WHERE dataset_version IS NOT NULL;

CREATE TABLE tracking_params
(
    run_id TEXT NOT NULL REFERENCES tracking_runs (id),
    key    TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (run_id, key)
) WITHOUT ROWID;

CREATE INDEX tracking_params_by_value ON tracking_params (key, value);

-- The whole tuple is the key: a point that is logged twice is one point. NaN is 0 with is_nan = 1, since not every database keeps NaN.
CREATE TABLE tracking_metrics
(
    run_id    TEXT    NOT NULL REFERENCES tracking_runs (id),
    key       TEXT    NOT NULL,
    step      INTEGER NOT NULL,
    logged_at INTEGER NOT NULL,
    value     REAL    NOT NULL,
    is_nan    INTEGER NOT NULL,
    PRIMARY KEY (run_id, key, step, logged_at, value, is_nan)
) WITHOUT ROWID;

-- The point with the highest (step, time, value) of each metric, kept beside the history so that lists and sorting never read the history.
CREATE TABLE tracking_latest_metrics
(
    run_id    TEXT    NOT NULL REFERENCES tracking_runs (id),
    key       TEXT    NOT NULL,
    step      INTEGER NOT NULL,
    logged_at INTEGER NOT NULL,
    value     REAL    NOT NULL,
    is_nan    INTEGER NOT NULL,
    PRIMARY KEY (run_id, key)
) WITHOUT ROWID;

CREATE INDEX tracking_latest_metrics_by_value ON tracking_latest_metrics (key, is_nan, value);

CREATE TABLE tracking_tags
(
    run_id TEXT NOT NULL REFERENCES tracking_runs (id),
    key    TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (run_id, key)
) WITHOUT ROWID;

CREATE INDEX tracking_tags_by_value ON tracking_tags (key, value);

CREATE TABLE tracking_artifacts
(
    run_id   TEXT NOT NULL REFERENCES tracking_runs (id),
    path     TEXT NOT NULL,
    artifact TEXT NOT NULL,
    PRIMARY KEY (run_id, path)
) WITHOUT ROWID;

-- What a run left that could not be stored as it was: a parameter written twice, an illegal name. Shown with the run.
CREATE TABLE tracking_problems
(
    run_id  TEXT NOT NULL REFERENCES tracking_runs (id),
    code    TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run_id, code, message)
) WITHOUT ROWID;

-- last_version hands out version numbers: it only grows, so a number never names two versions.
CREATE TABLE models
(
    name         TEXT    NOT NULL PRIMARY KEY,
    description  TEXT    NULL,
    last_version INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE model_versions
(
    model           TEXT    NOT NULL REFERENCES models (name),
    version         INTEGER NOT NULL,
    reference       TEXT    NOT NULL,
    artifact_hash   TEXT    NOT NULL,
    tracking_run    TEXT    NULL,
    pipeline_run    TEXT    NULL,
    task            TEXT    NULL,
    attempt_id      TEXT    NULL,
    status          TEXT    NOT NULL,
    description     TEXT    NULL,
    tags            TEXT    NOT NULL DEFAULT '{}',
    created_at      INTEGER NOT NULL,
    idempotency_key TEXT    NOT NULL,
    PRIMARY KEY (model, version),
    UNIQUE (model, idempotency_key)
) WITHOUT ROWID;

CREATE INDEX model_versions_by_artifact ON model_versions (model, artifact_hash);
CREATE INDEX model_versions_by_tracking_run ON model_versions (tracking_run) WHERE tracking_run IS NOT NULL;

CREATE TABLE model_aliases
(
    model      TEXT    NOT NULL,
    alias      TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (model, alias),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version)
) WITHOUT ROWID;

-- Append-only. version NULL: the alias was taken away.
CREATE TABLE model_alias_history
(
    id               INTEGER NOT NULL PRIMARY KEY,
    model            TEXT    NOT NULL,
    alias            TEXT    NOT NULL,
    version          INTEGER NULL,
    previous_version INTEGER NULL,
    changed_at       INTEGER NOT NULL,
    pipeline_run     TEXT    NULL,
    task             TEXT    NULL,
    attempt_id       TEXT    NULL,
    reason           TEXT    NULL
);

CREATE INDEX model_alias_history_by_model ON model_alias_history (model, id);
