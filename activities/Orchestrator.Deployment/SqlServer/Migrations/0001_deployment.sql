-- Endpoints and what has answered behind them. Instants are microseconds since 1970-01-01 UTC.
-- model and version name a row of the registry (model_versions, of another family); its rows are never deleted.

CREATE TABLE endpoints
(
    name           nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    current_number bigint                                        NULL,
    last_number    bigint                                        NOT NULL,
    created_at     bigint                                        NOT NULL
);

-- Append-only: a row is added for every deployment and every rollback, and only its status changes.
CREATE TABLE deployments
(
    endpoint        nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES endpoints (name),
    number          bigint                                        NOT NULL,
    kind            nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    status          nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    model           nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    version         bigint                                        NOT NULL,
    alias           nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    deployed_at     bigint                                        NOT NULL,
    replaced        bigint                                        NULL,
    restores        bigint                                        NULL,
    fallback        bigint                                        NULL,
    run             nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    task            nvarchar(200) COLLATE Latin1_General_100_BIN2 NULL,
    attempt         nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    reason          nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    PRIMARY KEY (endpoint, number)
);

CREATE UNIQUE INDEX deployments_one_active ON deployments (endpoint) WHERE status = N'Active';
CREATE INDEX deployments_by_model ON deployments (model, version);

-- What a request was answered, so that the same request after a crash is answered the same and does nothing again.
CREATE TABLE deployment_requests
(
    idempotency_key nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    answer          nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    answered_at     bigint                                        NOT NULL
);
