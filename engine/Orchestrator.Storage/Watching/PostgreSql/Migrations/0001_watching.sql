-- The files of folders that servers watch, as they were read last: a start evaluates nothing that is as it was.
CREATE TABLE watched_files (
    path     text COLLATE "C" NOT NULL PRIMARY KEY,
    -- SHA-256 of the file and of all that it names.
    content  text COLLATE "C" NOT NULL,
    -- The other files that it names, as a JSON list of paths.
    needs    text COLLATE "C" NOT NULL,
    -- The pipeline that it was last registered as; null: never.
    pipeline text COLLATE "C",
    -- What was wrong with it, as JSON; null: nothing.
    problems text COLLATE "C",
    read_at  bigint           NOT NULL
);
