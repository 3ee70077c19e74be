-- The files of folders that servers watch, as they were read last: a start evaluates nothing that is as it was.
CREATE TABLE watched_files (
    path     nvarchar(440) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    -- SHA-256 of the file and of all that it names.
    content  nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- The other files that it names, as a JSON list of paths.
    needs    nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- The pipeline that it was last registered as; null: never.
    pipeline nvarchar(200) COLLATE Latin1_General_100_BIN2 NULL,
    -- What was wrong with it, as JSON; null: nothing.
    problems nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    read_at  bigint                                        NOT NULL
);
