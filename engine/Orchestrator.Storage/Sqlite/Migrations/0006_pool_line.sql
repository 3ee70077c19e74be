-- One row for each run that would take slots of a pool if it had room. Whoever took slots last goes to the end. A row counts until its expiry: nobody waits for a dead process.
CREATE TABLE pool_line (
    pool       TEXT    NOT NULL REFERENCES pools (name),
    run_id     TEXT    NOT NULL,
    slots      INTEGER NOT NULL,
    priority   INTEGER NOT NULL,
    since      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (pool, run_id)
) WITHOUT ROWID;
