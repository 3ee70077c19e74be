-- Why runs start by themselves: triggers of registered pipelines, what was decided about each of their ticks, what happens that they wait for, and backfills.

-- One row per trigger, by the name that it has in its pipeline. It outlives the trigger, since its history does.
CREATE TABLE triggers (
    pipeline       TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    -- What decides when it is due, as text: another text is another schedule, which begins anew.
    timing         TEXT    NOT NULL,
    definition     TEXT    NOT NULL REFERENCES definitions (hash),
    base_directory TEXT    NOT NULL,
    -- How far it was looked at: of a schedule the newest planned time (an instant), else the newest signal (its number). It never goes back.
    cursor         INTEGER NOT NULL,
    -- When it must be looked at next, though nothing happens before. Null: not by itself.
    next_at        INTEGER,
    -- What a combination remembers; JSON.
    state          TEXT,
    -- How many ticks got no run because nobody was there, or because it was paused. The rows of the oldest may be missing; the number is not.
    missed         INTEGER NOT NULL,
    paused_at      INTEGER,
    paused_by      TEXT,
    pause_reason   TEXT,
    -- Its pipeline has it no more.
    retired_at     INTEGER,
    created_at     INTEGER NOT NULL,
    -- Raised by every look: of two schedulers that look at the same time one writes, and the other looks again.
    version        INTEGER NOT NULL,
    PRIMARY KEY (pipeline, name)
) WITHOUT ROWID;

CREATE INDEX triggers_due ON triggers (next_at) WHERE retired_at IS NULL AND next_at IS NOT NULL;

-- A time of a schedule, or something that happened, and what was decided about it. Its key makes it one: a tick is started, if it is, by the one transaction
-- that accepts its run.
CREATE TABLE ticks (
    pipeline       TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    -- Of a schedule its logical date, as text that sorts by time.
    tick           TEXT    NOT NULL,
    logical_date   INTEGER,
    interval_start INTEGER,
    -- When its run is to start: the logical date and its jitter.
    due_at         INTEGER NOT NULL,
    -- due, queued (waits for an earlier run of the trigger), started, skipped, missed, ignored, failed.
    decision       TEXT    NOT NULL,
    reason         TEXT,
    run_id         TEXT    REFERENCES runs (id),
    event          TEXT,
    decided_at     INTEGER NOT NULL,
    PRIMARY KEY (pipeline, name, tick)
) WITHOUT ROWID;

CREATE UNIQUE INDEX ticks_by_run ON ticks (run_id) WHERE run_id IS NOT NULL;
-- All schedulers look here; decided ticks, which are nearly all, are not in it.
CREATE INDEX ticks_open ON ticks (due_at) WHERE decision IN ('due', 'queued');

-- The state of the pipelines that the triggers above were made of.
CREATE TABLE trigger_syncs (
    pipeline TEXT    NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL
) WITHOUT ROWID;

-- What has happened that some trigger waits for. Written in the transaction that makes it true.
CREATE TABLE signals (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    payload TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    -- What makes a signal that comes twice one: the signature of a request. Null: each is new.
    once    TEXT    UNIQUE
);

CREATE INDEX signals_by_subject ON signals (kind, subject, seq);

-- Which signals somebody waits for. Others are not written.
CREATE TABLE trigger_watches (
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (kind, subject, pipeline, name)
) WITHOUT ROWID;

CREATE INDEX trigger_watches_by_trigger ON trigger_watches (pipeline, name);

-- Files that a trigger has seen, and whether it has told of them as they are.
CREATE TABLE trigger_files (
    pipeline TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    pattern  TEXT    NOT NULL,
    path     TEXT    NOT NULL,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    -- Since when size and time are these.
    since    INTEGER NOT NULL,
    told     INTEGER NOT NULL,
    PRIMARY KEY (pipeline, name, pattern, path)
) WITHOUT ROWID;

-- The runs that are for a time, whoever started them.
CREATE TABLE run_dates (
    pipeline     TEXT    NOT NULL,
    logical_date INTEGER NOT NULL,
    run_id       TEXT    NOT NULL REFERENCES runs (id),
    PRIMARY KEY (pipeline, logical_date, run_id)
) WITHOUT ROWID;

-- Planned runs over logical dates. The plan is made once and never changed; what is done of it is in its items.
CREATE TABLE backfills (
    id             TEXT    NOT NULL PRIMARY KEY,
    pipeline       TEXT    NOT NULL,
    definition     TEXT    NOT NULL REFERENCES definitions (hash),
    base_directory TEXT    NOT NULL,
    params         TEXT    NOT NULL,
    -- What was asked for; JSON.
    selection      TEXT    NOT NULL,
    parallel       INTEGER NOT NULL CHECK (parallel >= 1),
    -- planned, running, paused, cancelled, done.
    status         TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    created_by     TEXT    NOT NULL,
    started_at     INTEGER,
    ended_at       INTEGER
) WITHOUT ROWID;

CREATE TABLE backfill_items (
    backfill       TEXT    NOT NULL REFERENCES backfills (id),
    -- The order in which they are run, from 1.
    position       INTEGER NOT NULL,
    logical_date   INTEGER NOT NULL,
    interval_start INTEGER NOT NULL,
    -- run, or leave as it is.
    action         TEXT    NOT NULL,
    why            TEXT    NOT NULL,
    -- Raised by a retry, so that each try has a run of its own.
    attempt        INTEGER NOT NULL,
    run_id         TEXT    REFERENCES runs (id),
    PRIMARY KEY (backfill, position)
) WITHOUT ROWID;

CREATE UNIQUE INDEX backfill_items_by_run ON backfill_items (run_id) WHERE run_id IS NOT NULL;
