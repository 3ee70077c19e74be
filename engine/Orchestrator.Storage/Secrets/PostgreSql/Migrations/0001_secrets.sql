-- Secrets as they are kept: sealed with a key that is not in the database. Replacing a value raises its version.
CREATE TABLE secrets (
    name       text COLLATE "C" NOT NULL PRIMARY KEY,
    version    bigint           NOT NULL,
    sealed     bytea            NOT NULL,
    created_at bigint           NOT NULL,
    changed_at bigint           NOT NULL
);
