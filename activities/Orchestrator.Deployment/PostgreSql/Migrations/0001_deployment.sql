-- Endpoints and what has answered behind them. Instants are microseconds since 1970-01-01 UTC.
-- model and version name a row of the registry (model_versions, of another family); its rows are never deleted.

CREATE TABLE endpoints
(
    name           text COLLATE "C" NOT NULL PRIMARY KEY,
    current_number bigint           NULL,
    last_number    bigint           NOT NULL,
    created_at     bigint           NOT NULL
);

-- Append-only: a row is added for every deployment and every rollback, and only its status changes.
CREATE TABLE deployments
(
    endpoint        text COLLATE "C" NOT NULL REFERENCES endpoints (name),
    number          bigint           NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    status          text COLLATE "C" NOT NULL,
    model           text COLLATE "C" NOT NULL,
    version         bigint           NOT NULL,
    alias           text COLLATE "C" NOT NULL,
    deployed_at     bigint           NOT NULL,
    replaced        bigint           NULL,
    restores        bigint           NULL,
    fallback        bigint           NULL,
    run             text COLLATE "C" NULL,
    task            text COLLATE "C" NULL,
    attempt         text COLLATE "C" NULL,
    reason          text COLLATE "C" NULL,
    PRIMARY KEY (endpoint, number)
);

CREATE UNIQUE INDEX deployments_one_active ON deployments (endpoint) WHERE status = 'Active';
CREATE INDEX deployments_by_model ON deployments (model, version);

-- What a request was answered, so that the same request after a crash is answered the same and does nothing again.
CREATE TABLE deployment_requests
(
    idempotency_key text COLLATE "C" NOT NULL PRIMARY KEY,
    answer          text COLLATE "C" NOT NULL,
    answered_at     bigint           NOT NULL
);
