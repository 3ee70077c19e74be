-- Triggers of registered pipelines, their ticks, and what they wait for.
-- Whoever writes a signal that somebody waits for takes turns with all others who do, until their commits: signals are committed in the order of their numbers,
-- and who has seen a number has seen all that come before it.

-- name: list_unsynced
-- Pipelines that were registered, paused or removed since their triggers were made.
SELECT p.name, p.project, p.version, p.hash, p.source, p.source_path, p.base_directory, p.registered_at, p.registered_by, p.paused_at, p.paused_by, p.pause_reason, p.removed_at, p.removed_by, p.revision
FROM pipelines p LEFT JOIN trigger_syncs s ON s.pipeline = p.name
WHERE s.revision IS NULL OR s.revision < p.revision
ORDER BY p.revision LIMIT @limit;

-- name: put_sync
-- Of two that make triggers of one pipeline the one that knows less is refused.
INSERT INTO trigger_syncs (pipeline, revision) VALUES (@pipeline, @revision)
ON CONFLICT (pipeline) DO UPDATE SET revision = excluded.revision WHERE trigger_syncs.revision < excluded.revision;

-- name: put_trigger
-- A trigger whose timing is another one begins anew, from the time at which it was registered, or from the newest signal.
INSERT INTO triggers (pipeline, name, kind, timing, definition, base_directory, cursor, next_at, missed, created_at, version)
VALUES (@pipeline, @name, @kind, @timing, @definition, @baseDirectory, COALESCE(@cursor, (SELECT COALESCE(MAX(seq), 0) FROM signals)), @now, 0, @now, 1)
ON CONFLICT (pipeline, name) DO UPDATE
SET kind = excluded.kind, definition = excluded.definition, base_directory = excluded.base_directory, next_at = excluded.next_at, retired_at = NULL, version = triggers.version + 1,
    cursor = CASE WHEN triggers.timing = excluded.timing AND triggers.retired_at IS NULL THEN triggers.cursor
                  WHEN triggers.kind = excluded.kind THEN GREATEST(triggers.cursor, excluded.cursor) ELSE excluded.cursor END,
    state = CASE WHEN triggers.timing = excluded.timing AND triggers.retired_at IS NULL THEN triggers.state END,
    timing = excluded.timing;

-- name: retire_triggers
UPDATE triggers SET retired_at = @now, next_at = NULL, version = version + 1
WHERE pipeline = @pipeline AND retired_at IS NULL AND name NOT IN (SELECT json_array_elements_text(@names::json));

-- name: drop_open_ticks
-- What a trigger that is gone, or timed otherwise, had not started yet is not started any more.
UPDATE ticks SET decision = 'skipped', reason = @reason, decided_at = @now
WHERE pipeline = @pipeline AND decision IN ('due', 'queued') AND name NOT IN (SELECT json_array_elements_text(@names::json));

-- name: clear_watches
DELETE FROM trigger_watches WHERE pipeline = @pipeline;

-- name: put_watch
INSERT INTO trigger_watches (kind, subject, pipeline, name) VALUES (@p0, @p1, @p2, @p3) ON CONFLICT (kind, subject, pipeline, name) DO NOTHING;

-- name: find_trigger
SELECT t.pipeline, t.name, t.kind, t.definition, t.base_directory, t.cursor, t.next_at, t.state, t.missed, t.paused_at, t.paused_by, t.pause_reason, t.retired_at, t.created_at, t.version,
       p.paused_at AS pipeline_paused_at, p.paused_by AS pipeline_paused_by
FROM triggers t LEFT JOIN pipelines p ON p.name = t.pipeline
WHERE t.pipeline = @pipeline AND t.name = @name;

-- name: list_triggers
SELECT t.pipeline, t.name, t.kind, t.definition, t.base_directory, t.cursor, t.next_at, t.state, t.missed, t.paused_at, t.paused_by, t.pause_reason, t.retired_at, t.created_at, t.version,
       p.paused_at AS pipeline_paused_at, p.paused_by AS pipeline_paused_by
FROM triggers t LEFT JOIN pipelines p ON p.name = t.pipeline
WHERE t.retired_at IS NULL AND (@pipeline::text IS NULL OR t.pipeline = @pipeline) AND (@kind::text IS NULL OR t.kind = @kind)
  AND (@projects::text IS NULL OR p.project IN (SELECT json_array_elements_text(@projects::json)))
  AND (@search::text IS NULL OR strpos(lower(t.pipeline || '/' || t.name), @search) > 0)
  AND (@afterPipeline::text IS NULL OR t.pipeline > @afterPipeline OR (t.pipeline = @afterPipeline AND t.name > @afterName))
ORDER BY t.pipeline, t.name LIMIT @limit;

-- name: list_due
-- Whose time has come, who has ticks to start, and for whom something has happened.
SELECT pipeline, name FROM triggers WHERE retired_at IS NULL AND next_at <= @now
UNION
SELECT pipeline, name FROM ticks WHERE decision IN ('due', 'queued') AND due_at <= @now
UNION
SELECT t.pipeline, t.name FROM triggers t JOIN trigger_watches w ON w.pipeline = t.pipeline AND w.name = t.name
WHERE t.retired_at IS NULL AND EXISTS (SELECT 1 FROM signals s WHERE s.kind = w.kind AND s.subject = w.subject AND s.seq > t.cursor)
ORDER BY pipeline, name LIMIT @limit;

-- name: next_due
SELECT MIN(d.at) FROM (
    SELECT MIN(next_at) AS at FROM triggers WHERE retired_at IS NULL AND next_at > @now
    UNION ALL
    SELECT MIN(due_at) FROM ticks WHERE decision IN ('due', 'queued') AND due_at > @now) d;

-- name: advance_trigger
UPDATE triggers SET cursor = GREATEST(cursor, @cursor), next_at = @nextAt, state = @state, missed = missed + @missed, version = version + 1,
    paused_at = CASE WHEN @resume = 1 THEN NULL ELSE paused_at END, paused_by = CASE WHEN @resume = 1 THEN NULL ELSE paused_by END, pause_reason = CASE WHEN @resume = 1 THEN NULL ELSE pause_reason END
WHERE pipeline = @pipeline AND name = @name AND version = @version AND retired_at IS NULL;

-- name: insert_tick
-- One that is there stays what it is: a time that was decided about is not decided about again, whatever becomes of clocks and definitions.
INSERT INTO ticks (pipeline, name, tick, logical_date, interval_start, due_at, decision, reason, event, decided_at)
VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)
ON CONFLICT (pipeline, name, tick) DO NOTHING;

-- name: put_file
INSERT INTO trigger_files (pipeline, name, pattern, path, size, modified, since, told) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7)
ON CONFLICT (pipeline, name, pattern, path) DO UPDATE SET size = excluded.size, modified = excluded.modified, since = excluded.since, told = excluded.told;

-- name: drop_file
DELETE FROM trigger_files WHERE pipeline = @p0 AND name = @p1 AND pattern = @p2 AND path = @p3;

-- name: list_files
SELECT pattern, path, size, modified, since, told FROM trigger_files WHERE pipeline = @pipeline AND name = @name;

-- name: pause_trigger
UPDATE triggers SET paused_at = @now, paused_by = @by, pause_reason = @reason, version = version + 1
WHERE pipeline = @pipeline AND name = @name AND retired_at IS NULL AND paused_at IS NULL AND (@version::bigint IS NULL OR version = @version);

-- name: list_open
SELECT tick AS "key", logical_date, interval_start, due_at, decision, reason, run_id, event, decided_at
FROM ticks WHERE pipeline = @pipeline AND name = @name AND decision IN ('due', 'queued') ORDER BY due_at, tick;

-- name: list_ticks
SELECT tick AS "key", logical_date, interval_start, due_at, decision, reason, run_id, event, decided_at
FROM ticks WHERE pipeline = @pipeline AND name = @name AND (@before::text IS NULL OR tick < @before) ORDER BY tick DESC LIMIT @limit;

-- name: count_ticks
SELECT decision, COUNT(*) AS number FROM ticks WHERE pipeline = @pipeline AND name = @name GROUP BY decision ORDER BY decision;

-- name: decide_tick
UPDATE ticks SET decision = @decision, reason = @reason, decided_at = @now
WHERE pipeline = @pipeline AND name = @name AND tick = @tick AND decision IN ('due', 'queued') AND (decision <> @decision OR reason IS DISTINCT FROM @reason);

-- name: start_tick
-- In the transaction that accepts the run. Ticks of a trigger whose runs may not overlap are started one after the other, each until its commit, so the second
-- statement counts what is committed. From the few unfinished runs to their ticks: the history is not looked at.
SELECT pg_advisory_xact_lock(hashtext('orc trigger'), hashtext(@pipeline::text || '/' || @name::text)) WHERE @alone = 1;
UPDATE ticks SET decision = 'started', run_id = @run, reason = NULL, decided_at = @now
WHERE pipeline = @pipeline AND name = @name AND tick = @tick AND decision IN ('due', 'queued')
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
SELECT pg_advisory_xact_lock(hashtext('orc signals'), hashtext(current_schema())) WHERE EXISTS (SELECT 1 FROM trigger_watches WHERE kind = @kind AND subject = @subject);
INSERT INTO signals (kind, subject, payload, at, once)
SELECT @kind, @subject, @payload, @now, @once
WHERE EXISTS (SELECT 1 FROM trigger_watches WHERE kind = @kind AND subject = @subject)
  AND (@once::text IS NULL OR NOT EXISTS (SELECT 1 FROM signals WHERE once = @once))
ON CONFLICT (once) DO NOTHING;

-- name: list_signals
SELECT DISTINCT s.seq AS number, s.kind, s.subject, s.payload, s.at
FROM trigger_watches w JOIN signals s ON s.kind = w.kind AND s.subject = w.subject
WHERE w.pipeline = @pipeline AND w.name = @name AND s.seq > @after
ORDER BY s.seq LIMIT @limit;

-- name: newest_signal
SELECT COALESCE(MAX(seq), 0) FROM signals;

-- name: list_watchers
-- '~' comes after every character that names have.
SELECT DISTINCT pipeline, name FROM trigger_watches WHERE kind = @kind AND subject >= @prefix AND subject < @prefix || '~' ORDER BY pipeline, name;

-- name: outputs_of_run
SELECT outputs FROM tasks WHERE run_id = @run AND task = '.outputs' AND tasks.map_index = -1;
