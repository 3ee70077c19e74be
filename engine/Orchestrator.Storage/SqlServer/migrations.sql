-- Which steps of which sets were applied to this schema. Read and written under an application lock while a step is applied, so of two
-- processes that start together one applies and the other finds nothing to do.

-- name: has_history
SELECT COUNT(*) FROM sys.tables WHERE schema_id = SCHEMA_ID() AND name = N'orc_migrations';

-- name: create_history
IF NOT EXISTS (SELECT 1 FROM sys.tables WHERE schema_id = SCHEMA_ID() AND name = N'orc_migrations')
CREATE TABLE orc_migrations (
    set_name   nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    number     bigint                                        NOT NULL,
    [file]     nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    sha256     nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    applied_at bigint                                        NOT NULL,
    PRIMARY KEY (set_name, number)
);

-- name: list_applied
SELECT set_name, number, [file], sha256, applied_at FROM orc_migrations ORDER BY set_name, number;

-- name: record
INSERT INTO orc_migrations (set_name, number, [file], sha256, applied_at) VALUES (@set, @Number, @File, @Sha256, @appliedAt);
