-- What may go, and how it goes. Each removal asks again, in the statement that begins it, whether somebody refers to what is about to go.

-- name: list_ended
-- In pages by key: the whole history is looked through while runs go on.
SELECT r.id, r.pipeline, r.status, r.created_at, r.ended_at, r.parent, r.relation,
       CASE WHEN @contents = 1 AND EXISTS (SELECT 1 FROM run_events e WHERE e.run_id = r.id) THEN 1 ELSE 0 END AS has_events,
       CASE WHEN @contents = 1 AND EXISTS (SELECT 1 FROM artifact_uses u WHERE u.run_id = r.id) THEN 1 ELSE 0 END AS has_artifacts
FROM runs r WHERE r.ended_at IS NOT NULL AND r.id > @after ORDER BY r.id LIMIT @limit;

-- name: list_open
SELECT id, pipeline, status, created_at, ended_at, parent, relation, 1 AS has_events, 1 AS has_artifacts FROM runs WHERE ended_at IS NULL ORDER BY id;

-- name: list_reuses
-- Which runs stand on results of which others.
SELECT DISTINCT run_id AS run, cached_from AS target FROM tasks WHERE cached_from IS NOT NULL AND cached_from <> run_id;

-- name: list_backfill_runs
SELECT i.run_id AS run, i.backfill AS subject FROM backfill_items i WHERE i.run_id IS NOT NULL;

-- name: list_old_backfills
SELECT id FROM backfills WHERE ended_at IS NOT NULL AND ended_at < @before ORDER BY id;

-- name: remove_backfill_items
DELETE FROM backfill_items WHERE backfill = @id AND EXISTS (SELECT 1 FROM backfills b WHERE b.id = @id AND b.ended_at IS NOT NULL AND b.ended_at < @before);

-- name: remove_backfill
DELETE FROM backfills WHERE id = @id AND ended_at IS NOT NULL AND ended_at < @before;

-- name: condemn
-- From here on the run is gone for everybody who asks. A run that something refers to stays.
INSERT INTO removed_runs (run_id, pipeline, status, ended_at, removed_at)
SELECT r.id, r.pipeline, r.status, r.ended_at, @now FROM runs r
WHERE r.id = @run AND r.ended_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM runs c WHERE c.parent = r.id)
  AND NOT EXISTS (SELECT 1 FROM backfill_items i WHERE i.run_id = r.id)
  AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.cached_from = r.id AND t.run_id <> r.id)
  AND NOT EXISTS (SELECT 1 FROM removed_runs g WHERE g.run_id = r.id);

-- name: list_condemned
-- Removals that somebody did not come to the end of.
SELECT run_id FROM removed_runs WHERE finished_at IS NULL ORDER BY run_id DESC;

-- name: measure_run
SELECT (SELECT COALESCE(MAX(seq), 0) FROM run_events WHERE run_id = @run) AS events,
       (SELECT COALESCE(MAX(map_index), -1) FROM tasks WHERE run_id = @run) AS last_item;

-- name: remove_events
-- From the end on: what is left of a history is always the beginning of it.
DELETE FROM run_events WHERE run_id = @run AND seq > @above;

-- name: remove_uses
DELETE FROM artifact_uses WHERE run_id = @run AND map_index >= @from;

-- name: remove_attempts
DELETE FROM attempts WHERE run_id = @run AND map_index >= @from;

-- name: remove_tasks
DELETE FROM tasks WHERE run_id = @run AND map_index >= @from;

-- name: remove_cache
DELETE FROM cache_entries WHERE run_id = @run;

-- name: remove_requests
DELETE FROM run_requests WHERE run_id = @run;

-- name: remove_dates
DELETE FROM run_dates WHERE run_id = @run;

-- name: forget_in_ticks
-- The tick stays: what was decided about a time is not decided again.
UPDATE ticks SET run_id = NULL, reason = @reason WHERE run_id = @run;

-- name: remove_run
-- A run that was repeated between the question and the removal keeps its row until the repetition goes.
DELETE FROM runs WHERE id = @run AND ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs c WHERE c.parent = @run);

-- name: finish_removal
UPDATE removed_runs SET finished_at = @now WHERE run_id = @run AND finished_at IS NULL AND NOT EXISTS (SELECT 1 FROM runs WHERE id = @run);

-- name: find_removed
-- '~' comes after every character that identifiers have.
SELECT run_id, pipeline, status, ended_at, removed_at FROM removed_runs WHERE run_id >= @prefix AND run_id < @prefix || '~' ORDER BY run_id DESC LIMIT 2;

-- name: list_removed_of
SELECT run_id FROM removed_runs WHERE run_id IN (SELECT value FROM json_each(@runs));

-- name: list_uses
-- By hash and run, in pages by key.
SELECT DISTINCT hash, run_id AS run FROM artifact_uses WHERE hash > @hash OR (hash = @hash AND run_id > @run) ORDER BY hash, run_id LIMIT @limit;

-- name: list_sizes
SELECT hash, size_in_bytes FROM artifacts WHERE hash > @after ORDER BY hash LIMIT @limit;

-- name: list_cached_outputs
SELECT key AS id, run_id AS run, outputs AS text FROM cache_entries WHERE key > @after ORDER BY key LIMIT @limit;

-- name: list_reused_outputs
-- Results that stand on a run whose own files are no longer counted: looked at themselves.
SELECT t.outputs FROM tasks t WHERE t.cached_from IS NOT NULL AND t.outputs IS NOT NULL AND NOT EXISTS (SELECT 1 FROM artifact_uses u WHERE u.run_id = t.cached_from);

-- name: list_scripts
SELECT DISTINCT script_artifact FROM definitions WHERE script_artifact IS NOT NULL;

-- name: list_unused
SELECT hash, size_in_bytes, modified_at, since FROM unused_artifacts ORDER BY hash;

-- name: put_unused
INSERT INTO unused_artifacts (hash, size_in_bytes, modified_at, since) VALUES (@p0, @p1, @p2, @p3) ON CONFLICT (hash) DO NOTHING;

-- name: drop_unused
DELETE FROM unused_artifacts WHERE hash = @p0;

-- name: remove_artifact
DELETE FROM artifacts WHERE hash = @hash AND NOT EXISTS (SELECT 1 FROM artifact_uses u WHERE u.hash = @hash);

-- name: list_tick_owners
SELECT DISTINCT pipeline, name FROM ticks ORDER BY pipeline, name;

-- name: count_old_ticks
SELECT COUNT(*) FROM ticks WHERE decided_at < @before AND run_id IS NULL AND decision NOT IN ('due', 'queued');

-- name: remove_ticks
-- Those of runs that are kept stay, since they say why the run began. The trigger remembers by its cursor how far it came.
DELETE FROM ticks
WHERE pipeline = @pipeline AND name = @name
  AND tick IN (SELECT t.tick FROM ticks t WHERE t.pipeline = @pipeline AND t.name = @name AND t.decided_at < @before AND t.run_id IS NULL AND t.decision NOT IN ('due', 'queued') ORDER BY t.tick LIMIT @limit);

-- name: span_of_signals
SELECT COALESCE(MIN(seq), 0) AS lowest, COALESCE(MAX(seq), 0) AS highest, COUNT(*) AS number FROM signals WHERE at < @before;

-- name: remove_signals
-- A signal stays until every trigger that waits for it has looked at it.
DELETE FROM signals
WHERE seq >= @from AND seq < @to AND at < @before
  AND NOT EXISTS (SELECT 1 FROM trigger_watches w JOIN triggers t ON t.pipeline = w.pipeline AND t.name = w.name
                  WHERE w.kind = signals.kind AND w.subject = signals.subject AND t.retired_at IS NULL AND t.cursor < signals.seq);

-- name: span_of_outbox
SELECT COALESCE(MIN(seq), 0) AS lowest, COALESCE(MAX(seq), 0) AS highest, COUNT(*) AS number FROM outbox WHERE done_at IS NOT NULL AND done_at < @before;

-- name: remove_outbox
DELETE FROM outbox WHERE seq >= @from AND seq < @to AND done_at IS NOT NULL AND done_at < @before;

-- name: count_old_notifications
SELECT COUNT(*) FROM notifications WHERE status IN ('sent', 'failed') AND ended_at < @before;

-- name: list_old_notifications
SELECT id FROM notifications WHERE status IN ('sent', 'failed') AND ended_at < @before ORDER BY id LIMIT @limit;

-- name: remove_notices
DELETE FROM notices WHERE notification = @id;

-- name: remove_notification
DELETE FROM notifications WHERE id = @id AND status IN ('sent', 'failed');

-- name: take_duty
-- Of two that ask one gets it: it is nobody's now, its owner is known to be dead, or has not been heard of for too long.
INSERT INTO duties (name, owner, lease_until, began_at, next_at) VALUES (@name, @owner, @until, @now, @now)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until, began_at = excluded.began_at
WHERE (duties.lease_until <= @now OR duties.owner = @dead) AND duties.next_at <= @due;

-- name: renew_duty
UPDATE duties SET lease_until = @until WHERE name = @name AND owner = @owner AND lease_until > @now;

-- name: end_duty
UPDATE duties SET lease_until = @now, ended_at = @now, next_at = @next, report = @report WHERE name = @name AND owner = @owner;

-- name: list_duties
SELECT name, owner, lease_until, began_at, ended_at, next_at, report FROM duties ORDER BY name;
