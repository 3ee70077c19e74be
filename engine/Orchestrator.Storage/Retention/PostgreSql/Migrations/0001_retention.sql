-- What retention has removed, what it is about to remove, and who does it. Instants are microseconds since 1970-01-01 UTC.

-- Runs that were removed: so that somebody who asks for one is told so. Written before the first row of the run goes; a removal that was interrupted is gone on with by whoever comes next.
CREATE TABLE removed_runs (
    run_id      text COLLATE "C" NOT NULL PRIMARY KEY,
    pipeline    text COLLATE "C" NOT NULL,
    status      text COLLATE "C" NOT NULL,
    ended_at    bigint           NOT NULL,
    removed_at  bigint           NOT NULL,
    -- Null: rows of it may still be there.
    finished_at bigint
);

CREATE INDEX removed_runs_open ON removed_runs (run_id) WHERE finished_at IS NULL;

-- Files of the artifact store that nothing refers to, since when that is known, and how old the file was then: a file that was written again since is not the one that was looked at.
CREATE TABLE unused_artifacts (
    hash          text COLLATE "C" NOT NULL PRIMARY KEY,
    size_in_bytes bigint           NOT NULL,
    modified_at   bigint           NOT NULL,
    since         bigint           NOT NULL
);

-- Work that one process at a time does for all of them, now and then.
CREATE TABLE duties (
    name        text COLLATE "C" NOT NULL PRIMARY KEY,
    owner       text COLLATE "C" NOT NULL,
    lease_until bigint           NOT NULL,
    began_at    bigint           NOT NULL,
    ended_at    bigint,
    next_at     bigint           NOT NULL,
    -- What came of it the last time; JSON.
    report      text COLLATE "C"
);

-- Who refers to a run is asked before it goes; without these each removal would read whole tables.
CREATE INDEX run_dates_by_run ON run_dates (run_id);
CREATE INDEX run_requests_by_run ON run_requests (run_id);
CREATE INDEX cache_entries_by_run ON cache_entries (run_id);
CREATE INDEX tasks_by_reuse ON tasks (cached_from, run_id) WHERE cached_from IS NOT NULL;
