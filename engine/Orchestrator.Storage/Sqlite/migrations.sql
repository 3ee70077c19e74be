-- Which steps of which sets were applied to this database. Read and written under BEGIN IMMEDIATE while a step is applied, so of two
-- processes that start together one applies and the other finds nothing to do.

-- name: has_history
SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'orc_migrations';

-- name: create_history
CREATE TABLE IF NOT EXISTS orc_migrations (
    set_name   TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    file       TEXT    NOT NULL,
    sha256     TEXT    NOT NULL,
    applied_at INTEGER NOT NULL,
    PRIMARY KEY (set_name, number)
) WITHOUT ROWID;

-- name: list_applied
SELECT set_name, number, file, sha256, applied_at FROM orc_migrations ORDER BY set_name, number;

-- name: record
INSERT INTO orc_migrations (set_name, number, file, sha256, applied_at) VALUES (@set, @Number, @File, @Sha256, @appliedAt);
