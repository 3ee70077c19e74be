-- Endpoints and what has answered behind them. Instants are microseconds since 1970-01-01 UTC.
-- model and version name a row of the registry (model_versions, of another family); its rows are never deleted.

CREATE TABLE endpoints
(
    name           TEXT    NOT NULL PRIMARY KEY,
    current_number INTEGER NULL,
    last_number    INTEGER NOT NULL,
    created_at     INTEGER NOT NULL
) WITHOUT ROWID;

-- Append-only: a row is added for every deployment and every rollback, and only its status changes.
CREATE TABLE deployments
(
    endpoint        TEXT    NOT NULL REFERENCES endpoints (name),
    number          INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    model           TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    alias           TEXT    NOT NULL,
    deployed_at     INTEGER NOT NULL,
    replaced        INTEGER NULL,
    restores        INTEGER NULL,
    fallback        INTEGER NULL,
    run             TEXT    NULL,
    task            TEXT    NULL,
    attempt         TEXT    NULL,
    reason          TEXT    NULL,
    PRIMARY KEY (endpoint, number)
) WITHOUT ROWID;

CREATE UNIQUE INDEX deployments_one_active ON deployments (endpoint) WHERE status = 'Active';
CREATE INDEX deployments_by_model ON deployments (model, version);

-- What a request was answered, so that the same request after a crash is answered the same and does nothing again.
CREATE TABLE deployment_requests
(
    idempotency_key TEXT    NOT NULL PRIMARY KEY,
    answer          TEXT    NOT NULL,
    answered_at     INTEGER NOT NULL
) WITHOUT ROWID;
