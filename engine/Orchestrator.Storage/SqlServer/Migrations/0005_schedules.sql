-- Why runs start by themselves: triggers of registered pipelines, what was decided about each of their ticks, what happens that they wait for, and backfills.

-- One row per trigger, by the name that it has in its pipeline. It outlives the trigger, since its history does.
CREATE TABLE triggers (
    pipeline       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name           nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    kind           nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    -- What decides when it is due, as text: another text is another schedule, which begins anew.
    timing         nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    definition     nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES definitions (hash),
    base_directory nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- How far it was looked at: of a schedule the newest planned time (an instant), else the newest signal (its number). It never goes back.
    [cursor]       bigint                                        NOT NULL,
    -- When it must be looked at next, though nothing happens before. Null: not by itself.
    next_at        bigint                                        NULL,
    -- What a combination remembers; JSON.
    state          nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    -- How many ticks got no run because nobody was there, or because it was paused. The rows of the oldest may be missing; the number is not.
    missed         bigint                                        NOT NULL,
    paused_at      bigint                                        NULL,
    paused_by      nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL,
    pause_reason   nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    -- Its pipeline has it no more.
    retired_at     bigint                                        NULL,
    created_at     bigint                                        NOT NULL,
    -- Raised by every look: of two schedulers that look at the same time one writes, and the other looks again.
    version        bigint                                        NOT NULL,
    PRIMARY KEY (pipeline, name)
);

CREATE INDEX triggers_due ON triggers (next_at) WHERE retired_at IS NULL AND next_at IS NOT NULL;

-- A time of a schedule, or something that happened, and what was decided about it. Its key makes it one: a tick is started, if it is, by the one transaction
-- that accepts its run.
CREATE TABLE ticks (
    pipeline       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name           nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- Of a schedule its logical date, as text that sorts by time.
    tick           nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    logical_date   bigint                                        NULL,
    interval_start bigint                                        NULL,
    -- When its run is to start: the logical date and its jitter.
    due_at         bigint                                        NOT NULL,
    -- due, queued (waits for an earlier run of the trigger), started, skipped, missed, ignored, failed.
    decision       nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    reason         nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    run_id         nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL REFERENCES runs (id),
    event          nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    decided_at     bigint                                        NOT NULL,
    -- Not clustered: such a key may be longer.
    PRIMARY KEY NONCLUSTERED (pipeline, name, tick)
);

CREATE UNIQUE INDEX ticks_by_run ON ticks (run_id) WHERE run_id IS NOT NULL;
-- All schedulers look here; decided ticks, which are nearly all, are not in it.
CREATE INDEX ticks_open ON ticks (due_at) WHERE decision IN (N'due', N'queued');

-- The state of the pipelines that the triggers above were made of.
CREATE TABLE trigger_syncs (
    pipeline nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    revision bigint                                        NOT NULL
);

-- What has happened that some trigger waits for. Written in the transaction that makes it true.
CREATE TABLE signals (
    seq     bigint                                        NOT NULL IDENTITY (1, 1) PRIMARY KEY,
    kind    nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    subject nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    payload nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at      bigint                                        NOT NULL,
    -- What makes a signal that comes twice one: the signature of a request. Null: each is new.
    once    nvarchar(200) COLLATE Latin1_General_100_BIN2 NULL
);

-- A UNIQUE constraint would let in one signal without it, and no other.
CREATE UNIQUE INDEX signals_by_once ON signals (once) WHERE once IS NOT NULL;

CREATE INDEX signals_by_subject ON signals (kind, subject, seq);

-- Which signals somebody waits for. Others are not written.
CREATE TABLE trigger_watches (
    kind     nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    subject  nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    pipeline nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name     nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    PRIMARY KEY NONCLUSTERED (kind, subject, pipeline, name)
);

CREATE INDEX trigger_watches_by_trigger ON trigger_watches (pipeline, name);

-- Files that a trigger has seen, and whether it has told of them as they are.
CREATE TABLE trigger_files (
    pipeline nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name     nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    pattern  nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    path     nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    size     bigint                                        NOT NULL,
    modified bigint                                        NOT NULL,
    -- Since when size and time are these.
    since    bigint                                        NOT NULL,
    told     bigint                                        NOT NULL,
    -- Paths are longer than what a key holds.
    pattern_hash AS CAST(HASHBYTES('SHA2_256', pattern) AS binary(32)) PERSISTED NOT NULL,
    path_hash AS CAST(HASHBYTES('SHA2_256', path) AS binary(32)) PERSISTED NOT NULL,
    PRIMARY KEY (pipeline, name, pattern_hash, path_hash)
);

-- The runs that are for a time, whoever started them.
CREATE TABLE run_dates (
    pipeline     nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    logical_date bigint                                        NOT NULL,
    run_id       nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES runs (id),
    PRIMARY KEY (pipeline, logical_date, run_id)
);

-- Planned runs over logical dates. The plan is made once and never changed; what is done of it is in its items.
CREATE TABLE backfills (
    id             nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL PRIMARY KEY,
    pipeline       nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    definition     nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES definitions (hash),
    base_directory nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    params         nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- What was asked for; JSON.
    selection      nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    parallel       bigint                                        NOT NULL CHECK (parallel >= 1),
    -- planned, running, paused, cancelled, done.
    status         nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    created_at     bigint                                        NOT NULL,
    created_by     nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    started_at     bigint                                        NULL,
    ended_at       bigint                                        NULL
);

CREATE TABLE backfill_items (
    backfill       nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES backfills (id),
    -- The order in which they are run, from 1.
    position       bigint                                        NOT NULL,
    logical_date   bigint                                        NOT NULL,
    interval_start bigint                                        NOT NULL,
    -- run, or leave as it is.
    action         nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    why            nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- Raised by a retry, so that each try has a run of its own.
    attempt        bigint                                        NOT NULL,
    run_id         nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL REFERENCES runs (id),
    PRIMARY KEY (backfill, position)
);

CREATE UNIQUE INDEX backfill_items_by_run ON backfill_items (run_id) WHERE run_id IS NOT NULL;
