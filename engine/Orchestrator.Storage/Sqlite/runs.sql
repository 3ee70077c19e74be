-- Runs, their events, tasks and attempts.
-- All writes run in the writer's transaction, begun with BEGIN IMMEDIATE, so between two statements of one operation nobody else writes.
-- The conditions below do not lean on that: each change of a run is one statement that checks the version it replaces, as in the dialects with many writers.

-- name: insert_definition
-- The same hash is the same text: the first one stays.
INSERT INTO definitions (hash, pipeline, json, source_kind, source_path, script_artifact, created_at)
VALUES (@Hash, @Pipeline, @Json, @SourceKind, @SourcePath, @ScriptArtifact, @CreatedAt)
ON CONFLICT (hash) DO NOTHING;

-- name: insert_run
-- Two callers with one idempotency key: the unique index lets one in, and the other finds no row changed.
INSERT INTO runs (id, pipeline, definition, status, params, overrides, run_trigger, base_directory, git_commit, created_at,
                  owner, owner_host, owner_pid, owner_process_start, epoch, lease_until, parent, relation, sequence, idempotency_key)
VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16, @p17, @p18, @p19)
ON CONFLICT (idempotency_key) DO NOTHING;

-- name: advance_run
-- The guard of every commit. Epoch: still the owner. Sequence: nobody appended since.
UPDATE runs SET sequence = @p3
WHERE id = @p0 AND epoch = @p1 AND sequence = @p2;

-- name: advance_and_change_run
-- The same guard, with new values of the row.
UPDATE runs
SET sequence = @p3, status = @p4, started_at = COALESCE(@p5, started_at), ended_at = @p6, failure = @p7,
    definition = COALESCE(@p8, definition), params = COALESCE(@p9, params)
WHERE id = @p0 AND epoch = @p1 AND sequence = @p2;

-- name: confirm_run
-- Is a step stored whose commit was not answered? Written and undone, so that on servers it waits for a commit that is still under way.
UPDATE runs SET sequence = sequence
WHERE id = @id AND epoch = @epoch AND sequence = @sequence;

-- name: find_epoch
SELECT epoch FROM runs WHERE id = @id;

-- name: insert_event
INSERT INTO run_events (run_id, seq, type, payload, at) VALUES (@p0, @p1, @p2, @p3, @p4);

-- name: upsert_attempt
-- Fencing: an attempt that has ended, or that its task has replaced, is not written again. Runs before upsert_task in a commit,
-- so that tasks still names the attempt that was current when the commit began.
INSERT INTO attempts (run_id, id, task, map_index, number, status, lane, worker, queued_at, started_at, heartbeat_at, ended_at, failure)
VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12)
ON CONFLICT (run_id, id) DO UPDATE
SET status = excluded.status, lane = excluded.lane, worker = excluded.worker, queued_at = excluded.queued_at, started_at = excluded.started_at,
    heartbeat_at = COALESCE(excluded.heartbeat_at, heartbeat_at), ended_at = excluded.ended_at, failure = excluded.failure
WHERE attempts.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM tasks t
              WHERE t.run_id = attempts.run_id AND t.task = attempts.task AND t.map_index = attempts.map_index AND t.attempt_id = attempts.id);

-- name: upsert_task
INSERT INTO tasks (run_id, task, map_index, status, attempt_number, attempt_id, label, ready_at, started_at, ended_at,
                   reason, outputs, failure, cached_from, progress, progress_message)
VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15)
ON CONFLICT (run_id, task, map_index) DO UPDATE
SET status = excluded.status, attempt_number = excluded.attempt_number, attempt_id = excluded.attempt_id, label = excluded.label,
    ready_at = excluded.ready_at, started_at = excluded.started_at, ended_at = excluded.ended_at, reason = excluded.reason,
    outputs = excluded.outputs, failure = excluded.failure, cached_from = excluded.cached_from,
    -- Progress of the same attempt is written by heartbeats beside the commits; a commit that says nothing must not wipe it out.
    progress = CASE WHEN excluded.attempt_id IS tasks.attempt_id THEN COALESCE(excluded.progress, progress) ELSE excluded.progress END,
    progress_message = CASE WHEN excluded.attempt_id IS tasks.attempt_id THEN COALESCE(excluded.progress_message, progress_message) ELSE excluded.progress_message END;

-- name: remove_task
DELETE FROM tasks WHERE run_id = @p0 AND task = @p1;

-- name: heartbeat_task
-- Only the current attempt of a task that has not ended may say how far it is.
UPDATE tasks SET progress = COALESCE(@p4, progress), progress_message = COALESCE(@p5, progress_message)
WHERE run_id = @p0 AND task = @p1 AND map_index = @p2 AND attempt_id = @p3 AND ended_at IS NULL;

-- name: heartbeat_attempt
UPDATE attempts SET heartbeat_at = @p2
WHERE run_id = @p0 AND id = @p1 AND ended_at IS NULL;

-- name: claim_run
-- One conditional statement: of two claimers one changes the row and the other finds the condition false.
UPDATE runs
SET owner = @owner, owner_host = @host, owner_pid = @pid, owner_process_start = @processStart, epoch = epoch + 1, lease_until = @leaseUntil
WHERE id = @id AND ended_at IS NULL
  AND (owner IS NULL OR lease_until <= @now OR owner IN (SELECT value FROM json_each(@dead)));

-- name: release_run
UPDATE runs SET owner = NULL, owner_host = NULL, owner_pid = NULL, owner_process_start = NULL, lease_until = NULL
WHERE id = @id AND epoch = @epoch AND owner IS NOT NULL;

-- name: renew_runs
-- An owner whose lease ran out unnoticed keeps its runs as long as nobody has claimed them.
UPDATE runs SET lease_until = @until WHERE owner = @owner AND ended_at IS NULL;

-- name: list_held
SELECT id, epoch FROM runs WHERE owner = @owner AND ended_at IS NULL ORDER BY id;

-- name: find_run
SELECT id, pipeline, definition, status, params, overrides, run_trigger AS "trigger", base_directory, git_commit, created_at, started_at, ended_at, failure,
       owner AS owner_id, owner_host, owner_pid, owner_process_start, epoch, lease_until, parent, relation, sequence, idempotency_key
FROM runs WHERE id = @id;

-- name: find_run_by_key
SELECT id FROM runs WHERE idempotency_key = @key;

-- name: find_runs_by_prefix
-- Identifiers are upper case; '~' comes after every character they have.
SELECT id, pipeline, definition, status, params, overrides, run_trigger AS "trigger", base_directory, git_commit, created_at, started_at, ended_at, failure,
       owner AS owner_id, owner_host, owner_pid, owner_process_start, epoch, lease_until, parent, relation, sequence, idempotency_key
FROM runs WHERE id >= @prefix AND id < @prefix || '~' ORDER BY id DESC LIMIT 10;

-- name: list_runs
-- Pages by key, not by offset: a run that appears while somebody leafs moves nothing.
-- No id is after '~'. An OR in its place would be answered by reading every newer run.
SELECT id, pipeline, definition, status, params, overrides, run_trigger AS "trigger", base_directory, git_commit, created_at, started_at, ended_at, failure,
       owner AS owner_id, owner_host, owner_pid, owner_process_start, epoch, lease_until, parent, relation, sequence, idempotency_key
FROM runs
WHERE (@pipeline IS NULL OR pipeline = @pipeline)
  AND (@projects IS NULL OR COALESCE((SELECT p.project FROM pipelines p WHERE p.name = runs.pipeline), @usual) IN (SELECT value FROM json_each(@projects)))
  AND (@statuses IS NULL OR status IN (SELECT value FROM json_each(@statuses)))
  AND (@unfinished = 0 OR ended_at IS NULL)
  AND (@parent IS NULL OR parent = @parent)
  AND (@children = 1 OR relation IS NULL OR relation <> 'child')
  AND (@from IS NULL OR created_at >= @from)
  AND (@before IS NULL OR created_at < @before)
  AND id < COALESCE(@after, '~')
ORDER BY id DESC LIMIT @limit;

-- name: list_tasks
SELECT task, NULLIF(map_index, -1) AS map_index, status, attempt_number, attempt_id, label, ready_at, started_at, ended_at,
       reason, outputs, failure, cached_from, progress, progress_message
FROM tasks WHERE run_id = @run ORDER BY task, tasks.map_index;

-- name: list_whole_tasks
SELECT task, NULLIF(map_index, -1) AS map_index, status, attempt_number, attempt_id, label, ready_at, started_at, ended_at,
       reason, outputs, failure, cached_from, progress, progress_message
FROM tasks WHERE run_id = @run AND tasks.map_index = -1 ORDER BY task;

-- name: count_items
-- Counted here, so that a run with 100,000 items sends a few rows.
SELECT task, status, COUNT(*) AS count FROM tasks WHERE run_id = @run AND map_index >= 0 GROUP BY task, status ORDER BY task, status;

-- name: list_items
SELECT task, NULLIF(map_index, -1) AS map_index, status, attempt_number, attempt_id, label, ready_at, started_at, ended_at,
       reason, outputs, failure, cached_from, progress, progress_message
FROM tasks
WHERE run_id = @run AND tasks.map_index >= 0 AND (@task IS NULL OR task = @task)
  AND (@statuses IS NULL OR status IN (SELECT value FROM json_each(@statuses)))
ORDER BY task, tasks.map_index;

-- name: list_attempts
SELECT id, task, NULLIF(map_index, -1) AS map_index, number, status, lane, worker, queued_at, started_at, heartbeat_at, ended_at, failure
FROM attempts WHERE run_id = @run ORDER BY id;

-- name: list_events
SELECT seq AS sequence, type, payload, at FROM run_events WHERE run_id = @run AND seq > @after ORDER BY seq LIMIT @limit;

-- name: list_owners
SELECT owner AS id, MAX(owner_host) AS host, MAX(owner_pid) AS process_id, MAX(owner_process_start) AS process_started_at
FROM runs WHERE ended_at IS NULL AND owner IS NOT NULL GROUP BY owner ORDER BY owner;

-- name: list_claimable
SELECT id FROM runs
WHERE ended_at IS NULL AND (owner IS NULL OR lease_until <= @now OR owner IN (SELECT value FROM json_each(@dead)))
ORDER BY id;

-- name: insert_request
-- A run that has ended takes no more requests; checked in the same statement, so none can slip in behind the end.
INSERT INTO run_requests (id, run_id, kind, payload, asked_by, at)
SELECT @Id, @RunId, @Kind, @Payload, @By, @At
WHERE EXISTS (SELECT 1 FROM runs WHERE id = @RunId AND ended_at IS NULL);

-- name: list_requests
SELECT q.id, q.run_id, q.kind, q.payload, q.asked_by AS "by", q.at
FROM run_requests q JOIN runs r ON r.id = q.run_id
WHERE q.taken_at IS NULL AND r.owner = @owner AND r.ended_at IS NULL
ORDER BY q.id;

-- name: list_requests_of_run
SELECT id, run_id, kind, payload, asked_by AS "by", at FROM run_requests WHERE run_id = @run AND taken_at IS NULL ORDER BY id;

-- name: list_questions
-- From the few unfinished runs to their tasks: the history is not looked at.
SELECT t.run_id, t.task, t.reason FROM runs r CROSS JOIN tasks t ON t.run_id = r.id
WHERE r.ended_at IS NULL AND t.status = 'suspended'
ORDER BY t.run_id, t.task;

-- name: close_request
UPDATE run_requests SET taken_at = @p2 WHERE id = @p1 AND run_id = @p0 AND taken_at IS NULL;

-- name: close_requests_of_run
-- The end of a run answers everything that was still asked.
UPDATE run_requests SET taken_at = @p1 WHERE run_id = @p0 AND taken_at IS NULL;

-- name: tell_end
-- For triggers that wait for the end of this pipeline's runs; child runs are their parents' matter.
INSERT INTO signals (kind, subject, payload, at)
SELECT 'run-ended', r.pipeline, json_object('run', r.id, 'pipeline', r.pipeline, 'status', r.status, 'logicalDate', json_extract(r.run_trigger, '$.logicalDate')), @p1
FROM runs r
WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> 'child')
  AND EXISTS (SELECT 1 FROM trigger_watches w WHERE w.kind = 'run-ended' AND w.subject = r.pipeline);

-- name: note_failed
-- For whoever tells people; child runs are their parents' matter.
INSERT INTO outbox (kind, payload, at)
SELECT 'run.failed', json_object('run', r.id, 'pipeline', r.pipeline), @p1
FROM runs r WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> 'child');

-- name: mark_failing
INSERT INTO failing_pipelines (pipeline, run_id, failures, since)
SELECT r.pipeline, r.id, 1, @p1
FROM runs r WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> 'child')
ON CONFLICT (pipeline) DO UPDATE SET failures = failing_pipelines.failures + 1;

-- name: note_recovered
-- The first success after failures. Two that succeed at the same time may both say so; their notices have one key.
INSERT INTO outbox (kind, payload, at)
SELECT 'run.recovered', json_object('run', r.id, 'pipeline', r.pipeline, 'failed', f.run_id, 'failures', f.failures, 'since', f.since), @p1
FROM runs r JOIN failing_pipelines f ON f.pipeline = r.pipeline
WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> 'child');

-- name: clear_failing
DELETE FROM failing_pipelines
WHERE pipeline IN (SELECT r.pipeline FROM runs r WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> 'child'));

-- name: insert_outbox
INSERT INTO outbox (kind, payload, at) VALUES (@p0, @p1, @p2);

-- name: list_outbox
SELECT seq AS sequence, kind, payload, at FROM outbox WHERE done_at IS NULL ORDER BY seq LIMIT @limit;

-- name: close_outbox
UPDATE outbox SET done_at = @p1 WHERE seq = @p0 AND done_at IS NULL;
