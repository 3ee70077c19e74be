-- The files of folders that servers watch, as they were read last: a start evaluates nothing that is as it was.
CREATE TABLE watched_files (
    path     TEXT    NOT NULL PRIMARY KEY,
    -- SHA-256 of the file and of all that it names.
    content  TEXT    NOT NULL,
    -- The other files that it names, as a JSON list of paths.
    needs    TEXT    NOT NULL,
    -- The pipeline that it was last registered as; null: never.
    pipeline TEXT,
    -- What was wrong with it, as JSON; null: nothing.
    problems TEXT,
    read_at  INTEGER NOT NULL
) WITHOUT ROWID;
