-- Which steps of which sets were applied to this schema. Read and written under an advisory lock of the schema while a step is applied, so of two
-- processes that start together one applies and the other finds nothing to do.

-- name: has_history
SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'orc_migrations';

-- name: create_history
CREATE TABLE IF NOT EXISTS orc_migrations (
    set_name   text   COLLATE "C" NOT NULL,
    number     bigint NOT NULL,
    file       text   NOT NULL,
    sha256     text   NOT NULL,
    applied_at bigint NOT NULL,
    PRIMARY KEY (set_name, number)
);

-- name: list_applied
SELECT set_name, number, file, sha256, applied_at FROM orc_migrations ORDER BY set_name, number;

-- name: record
INSERT INTO orc_migrations (set_name, number, file, sha256, applied_at) VALUES (@set, @Number, @File, @Sha256, @appliedAt);
