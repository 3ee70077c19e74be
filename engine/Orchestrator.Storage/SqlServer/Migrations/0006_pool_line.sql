-- One row for each run that would take slots of a pool if it had room. Whoever took slots last goes to the end. A row counts until its expiry: nobody waits for a dead process.
CREATE TABLE pool_line (
    pool       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES pools (name),
    run_id     nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    slots      bigint                                        NOT NULL,
    priority   bigint                                        NOT NULL,
    since      bigint                                        NOT NULL,
    expires_at bigint                                        NOT NULL,
    PRIMARY KEY (pool, run_id)
);
