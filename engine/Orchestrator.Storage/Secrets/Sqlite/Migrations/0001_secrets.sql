-- Secrets as they are kept: sealed with a key that is not in the database. Replacing a value raises its version.
CREATE TABLE secrets (
    name       TEXT    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
);
