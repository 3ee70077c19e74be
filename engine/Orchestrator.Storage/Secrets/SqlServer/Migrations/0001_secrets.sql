-- Secrets as they are kept: sealed with a key that is not in the database. Replacing a value raises its version.
CREATE TABLE secrets (
    name       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    version    bigint                                        NOT NULL,
    sealed     varbinary(max)                                NOT NULL,
    created_at bigint                                        NOT NULL,
    changed_at bigint                                        NOT NULL
);
