-- One row for each unfinished run that shares a concurrency key: it waits (no permit) or goes on (a permit). Gone with the end of the run.
CREATE TABLE concurrency_holds (
    run_id      nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL PRIMARY KEY REFERENCES runs (id),
    name        nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    run_limit   bigint                                        NOT NULL,
    -- The order of acceptance among those that share the key.
    position    bigint                                        NOT NULL,
    permit      bigint                                        NULL,
    -- The newer run in whose favour this one was asked to end.
    leaving_for nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    since       bigint                                        NOT NULL
);

CREATE INDEX concurrency_by_name ON concurrency_holds (name, position);
-- Two that take the same permit at the same instant, each seeing it free: the index lets one in, whatever the dialect's isolation.
CREATE UNIQUE INDEX concurrency_permits ON concurrency_holds (name, permit) WHERE permit IS NOT NULL;
