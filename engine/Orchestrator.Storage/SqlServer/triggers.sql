-- Triggers of registered pipelines, their ticks, and what they wait for.
-- Whoever writes a signal that somebody waits for takes turns with all others who do, until their commits: signals are committed in the order of their numbers,
-- and who has seen a number has seen all that come before it.

-- name: list_unsynced
-- Pipelines that were registered, paused or removed since their triggers were made.
SELECT TOP (@limit) p.name, p.project, p.version, p.hash, p.source, p.source_path, p.base_directory, p.registered_at, p.registered_by, p.paused_at, p.paused_by, p.pause_reason, p.removed_at, p.removed_by, p.revision
FROM pipelines p LEFT JOIN trigger_syncs s ON s.pipeline = p.name
WHERE s.revision IS NULL OR s.revision < p.revision
ORDER BY p.revision;

-- name: put_sync
-- Of two that make triggers of one pipeline the one that knows less is refused.
UPDATE trigger_syncs WITH (UPDLOCK, HOLDLOCK) SET revision = @revision WHERE pipeline = @pipeline AND revision < @revision;
INSERT INTO trigger_syncs (pipeline, revision)
SELECT @pipeline, @revision
WHERE NOT EXISTS (SELECT 1 FROM trigger_syncs WITH (UPDLOCK, HOLDLOCK) WHERE pipeline = @pipeline);

-- name: put_trigger
-- A trigger whose timing is another one begins anew, from the time at which it was registered, or from the newest signal.
DECLARE @from bigint = COALESCE(@cursor, (SELECT COALESCE(MAX(seq), 0) FROM signals));
UPDATE triggers WITH (UPDLOCK, HOLDLOCK)
SET kind = @kind, definition = @definition, base_directory = @baseDirectory, next_at = @now, retired_at = NULL, version = version + 1,
    [cursor] = CASE WHEN timing = @timing AND retired_at IS NULL THEN [cursor] WHEN kind = @kind AND [cursor] > @from THEN [cursor] ELSE @from END,
    state = CASE WHEN timing = @timing AND retired_at IS NULL THEN state END,
    timing = @timing
WHERE pipeline = @pipeline AND name = @name;
INSERT INTO triggers (pipeline, name, kind, timing, definition, base_directory, [cursor], next_at, missed, created_at, version)
SELECT @pipeline, @name, @kind, @timing, @definition, @baseDirectory, @from, @now, 0, @now, 1
WHERE NOT EXISTS (SELECT 1 FROM triggers WITH (UPDLOCK, HOLDLOCK) WHERE pipeline = @pipeline AND name = @name);

-- name: retire_triggers
UPDATE triggers SET retired_at = @now, next_at = NULL, version = version + 1
WHERE pipeline = @pipeline AND retired_at IS NULL AND name NOT IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@names));

-- name: drop_open_ticks
-- What a trigger that is gone, or timed otherwise, had not started yet is not started any more.
UPDATE ticks SET decision = N'skipped', reason = @reason, decided_at = @now
WHERE pipeline = @pipeline AND decision IN (N'due', N'queued') AND name NOT IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@names));

-- name: clear_watches
DELETE FROM trigger_watches WHERE pipeline = @pipeline;

-- name: put_watch
INSERT INTO trigger_watches (kind, subject, pipeline, name)
SELECT @p0, @p1, @p2, @p3
WHERE NOT EXISTS (SELECT 1 FROM trigger_watches WITH (UPDLOCK, HOLDLOCK) WHERE kind = @p0 AND subject = @p1 AND pipeline = @p2 AND name = @p3);

-- name: find_trigger
SELECT t.pipeline, t.name, t.kind, t.definition, t.base_directory, t.[cursor], t.next_at, t.state, t.missed, t.paused_at, t.paused_by, t.pause_reason, t.retired_at, t.created_at, t.version,
       p.paused_at AS pipeline_paused_at, p.paused_by AS pipeline_paused_by
FROM triggers t LEFT JOIN pipelines p ON p.name = t.pipeline
WHERE t.pipeline = @pipeline AND t.name = @name;

-- name: list_triggers
SELECT TOP (@limit) t.pipeline, t.name, t.kind, t.definition, t.base_directory, t.[cursor], t.next_at, t.state, t.missed, t.paused_at, t.paused_by, t.pause_reason, t.retired_at, t.created_at, t.version,
       p.paused_at AS pipeline_paused_at, p.paused_by AS pipeline_paused_by
FROM triggers t LEFT JOIN pipelines p ON p.name = t.pipeline
WHERE t.retired_at IS NULL AND (@pipeline IS NULL OR t.pipeline = @pipeline) AND (@kind IS NULL OR t.kind = @kind)
  AND (@projects IS NULL OR p.project IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@projects)))
  AND (@search IS NULL OR CHARINDEX(@search, LOWER(t.pipeline + N'/' + t.name)) > 0)
  AND (@afterPipeline IS NULL OR t.pipeline > @afterPipeline OR (t.pipeline = @afterPipeline AND t.name > @afterName))
ORDER BY t.pipeline, t.name;

-- name: list_due
-- Whose time has come, who has ticks to start, and for whom something has happened.
SELECT TOP (@limit) d.pipeline, d.name FROM (
    SELECT pipeline, name FROM triggers WHERE retired_at IS NULL AND next_at <= @now
    UNION
    SELECT pipeline, name FROM ticks WHERE decision IN (N'due', N'queued') AND due_at <= @now
    UNION
    SELECT t.pipeline, t.name FROM triggers t JOIN trigger_watches w ON w.pipeline = t.pipeline AND w.name = t.name
    WHERE t.retired_at IS NULL AND EXISTS (SELECT 1 FROM signals s WHERE s.kind = w.kind AND s.subject = w.subject AND s.seq > t.[cursor])) d
ORDER BY d.pipeline, d.name;

-- name: next_due
SELECT MIN(d.at) FROM (
    SELECT MIN(next_at) AS at FROM triggers WHERE retired_at IS NULL AND next_at > @now
    UNION ALL
    SELECT MIN(due_at) FROM ticks WHERE decision IN (N'due', N'queued') AND due_at > @now) d;

-- name: advance_trigger
UPDATE triggers SET [cursor] = CASE WHEN [cursor] > @cursor THEN [cursor] ELSE @cursor END, next_at = @nextAt, state = @state, missed = missed + @missed, version = version + 1,
    paused_at = CASE WHEN @resume = 1 THEN NULL ELSE paused_at END, paused_by = CASE WHEN @resume = 1 THEN NULL ELSE paused_by END, pause_reason = CASE WHEN @resume = 1 THEN NULL ELSE pause_reason END
WHERE pipeline = @pipeline AND name = @name AND version = @version AND retired_at IS NULL;

-- name: insert_tick
-- One that is there stays what it is: a time that was decided about is not decided about again, whatever becomes of clocks and definitions.
INSERT INTO ticks (pipeline, name, tick, logical_date, interval_start, due_at, decision, reason, event, decided_at)
SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9
WHERE NOT EXISTS (SELECT 1 FROM ticks WITH (UPDLOCK, HOLDLOCK) WHERE pipeline = @p0 AND name = @p1 AND tick = @p2);

-- name: put_file
-- Found by the hashes that the key is made of.
UPDATE trigger_files WITH (UPDLOCK, HOLDLOCK) SET size = @p4, modified = @p5, since = @p6, told = @p7
WHERE pipeline = @p0 AND name = @p1
  AND pattern_hash = CAST(HASHBYTES('SHA2_256', CAST(@p2 AS nvarchar(max))) AS binary(32)) AND path_hash = CAST(HASHBYTES('SHA2_256', CAST(@p3 AS nvarchar(max))) AS binary(32));
INSERT INTO trigger_files (pipeline, name, pattern, path, size, modified, since, told)
SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7
WHERE NOT EXISTS (SELECT 1 FROM trigger_files WITH (UPDLOCK, HOLDLOCK)
                  WHERE pipeline = @p0 AND name = @p1
                    AND pattern_hash = CAST(HASHBYTES('SHA2_256', CAST(@p2 AS nvarchar(max))) AS binary(32)) AND path_hash = CAST(HASHBYTES('SHA2_256', CAST(@p3 AS nvarchar(max))) AS binary(32)));

-- name: drop_file
DELETE FROM trigger_files
WHERE pipeline = @p0 AND name = @p1
  AND pattern_hash = CAST(HASHBYTES('SHA2_256', CAST(@p2 AS nvarchar(max))) AS binary(32)) AND path_hash = CAST(HASHBYTES('SHA2_256', CAST(@p3 AS nvarchar(max))) AS binary(32));

-- name: list_files
SELECT pattern, path, size, modified, since, told FROM trigger_files WHERE pipeline = @pipeline AND name = @name;

-- name: pause_trigger
UPDATE triggers SET paused_at = @now, paused_by = @by, pause_reason = @reason, version = version + 1
WHERE pipeline = @pipeline AND name = @name AND retired_at IS NULL AND paused_at IS NULL AND (@version IS NULL OR version = @version);

-- name: list_open
SELECT tick AS [key], logical_date, interval_start, due_at, decision, reason, run_id, event, decided_at
FROM ticks WHERE pipeline = @pipeline AND name = @name AND decision IN (N'due', N'queued') ORDER BY due_at, tick;

-- name: list_ticks
SELECT TOP (@limit) tick AS [key], logical_date, interval_start, due_at, decision, reason, run_id, event, decided_at
FROM ticks WHERE pipeline = @pipeline AND name = @name AND (@before IS NULL OR tick < @before) ORDER BY tick DESC;

-- name: count_ticks
SELECT decision, COUNT(*) AS number FROM ticks WHERE pipeline = @pipeline AND name = @name GROUP BY decision ORDER BY decision;

-- name: decide_tick
UPDATE ticks SET decision = @decision, reason = @reason, decided_at = @now
WHERE pipeline = @pipeline AND name = @name AND tick = @tick AND decision IN (N'due', N'queued') AND (decision <> @decision OR reason <> @reason OR (reason IS NULL AND @reason IS NOT NULL) OR (reason IS NOT NULL AND @reason IS NULL));

-- name: start_tick
-- In the transaction that accepts the run. Ticks of a trigger whose runs may not overlap are started one after the other, each until its commit, so what is counted
-- is committed. From the few unfinished runs to their ticks: the history is not looked at.
DECLARE @key nvarchar(255) = N'orc trigger ' + CONVERT(nvarchar(64), HASHBYTES('SHA2_256', CAST(CONCAT(@pipeline, N'/', @name) AS nvarchar(500))), 2);
DECLARE @answer int = 0;
IF @alone = 1
    EXEC @answer = sp_getapplock @Resource = @key, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 60000;
IF @answer < 0 THROW 51000, N'another program starts a tick of the trigger for more than a minute', 1;
UPDATE ticks SET decision = N'started', run_id = @run, reason = NULL, decided_at = @now
WHERE pipeline = @pipeline AND name = @name AND tick = @tick AND decision IN (N'due', N'queued')
  AND (@alone = 0 OR NOT EXISTS (SELECT 1 FROM runs r JOIN ticks o ON o.run_id = r.id
                                 WHERE r.ended_at IS NULL AND o.pipeline = @pipeline AND o.name = @name));

-- name: list_going
SELECT r.id FROM runs r JOIN ticks t ON t.run_id = r.id
WHERE r.ended_at IS NULL AND t.pipeline = @pipeline AND t.name = @name ORDER BY r.id;

-- name: find_tick_decision
SELECT decision FROM ticks WHERE pipeline = @pipeline AND name = @name AND tick = @tick;

-- name: insert_run_date
INSERT INTO run_dates (pipeline, logical_date, run_id) VALUES (@p0, @p1, @p2);

-- name: list_run_dates
-- Of each date the newest run.
SELECT d.logical_date, d.run_id, r.status, r.ended_at
FROM run_dates d JOIN runs r ON r.id = d.run_id
WHERE d.pipeline = @pipeline AND d.logical_date >= @from AND d.logical_date <= @to
  AND NOT EXISTS (SELECT 1 FROM run_dates n WHERE n.pipeline = d.pipeline AND n.logical_date = d.logical_date AND n.run_id > d.run_id)
ORDER BY d.logical_date;

-- name: add_signal
-- Only when somebody waits for it.
DECLARE @answer int = 0;
IF EXISTS (SELECT 1 FROM trigger_watches WHERE kind = @kind AND subject = @subject)
    EXEC @answer = sp_getapplock @Resource = N'orc signals', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 60000;
IF @answer < 0 THROW 51000, N'another program writes signals for more than a minute', 1;
INSERT INTO signals (kind, subject, payload, at, once)
SELECT @kind, @subject, @payload, @now, @once
WHERE EXISTS (SELECT 1 FROM trigger_watches WHERE kind = @kind AND subject = @subject)
  AND (@once IS NULL OR NOT EXISTS (SELECT 1 FROM signals WITH (UPDLOCK, HOLDLOCK) WHERE once = @once));

-- name: list_signals
SELECT TOP (@limit) s.seq AS number, s.kind, s.subject, s.payload, s.at
FROM signals s
WHERE s.seq > @after AND EXISTS (SELECT 1 FROM trigger_watches w WHERE w.pipeline = @pipeline AND w.name = @name AND w.kind = s.kind AND w.subject = s.subject)
ORDER BY s.seq;

-- name: newest_signal
SELECT COALESCE(MAX(seq), 0) FROM signals;

-- name: list_watchers
-- '~' comes after every character that names have.
SELECT DISTINCT pipeline, name FROM trigger_watches WHERE kind = @kind AND subject >= @prefix AND subject < @prefix + N'~' ORDER BY pipeline, name;

-- name: outputs_of_run
SELECT outputs FROM tasks WHERE run_id = @run AND task = N'.outputs' AND tasks.map_index = -1;
