-- One row for each unfinished run that shares a concurrency key: it waits (no permit) or goes on (a permit). Gone with the end of the run.
CREATE TABLE concurrency_holds (
    run_id      TEXT    NOT NULL PRIMARY KEY REFERENCES runs (id),
    name        TEXT    NOT NULL,
    run_limit   INTEGER NOT NULL,
    -- The order of acceptance among those that share the key.
    position    INTEGER NOT NULL,
    permit      INTEGER,
    -- The newer run in whose favour this one was asked to end.
    leaving_for TEXT,
    since       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX concurrency_by_name ON concurrency_holds (name, position);
-- Two that take the same permit at the same instant, each seeing it free: the index lets one in, whatever the dialect's isolation.
CREATE UNIQUE INDEX concurrency_permits ON concurrency_holds (name, permit) WHERE permit IS NOT NULL;
