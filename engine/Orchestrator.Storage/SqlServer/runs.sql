-- Runs, their events, tasks and attempts.
-- Writes run under READ COMMITTED, many at a time: an UPDATE waits for another transaction's row and then looks at its condition. Each change of a run is one statement
-- that checks the version it replaces, and the guard of a commit comes first: its row lock makes the commits of one run take turns. "Write it, or insert it when it is not
-- there" is two conditional statements; the first locks the key (UPDLOCK, HOLDLOCK), there or not, so nobody comes in between. Readers use snapshots and wait for nobody.

-- name: insert_definition
-- The same hash is the same text: the first one stays.
INSERT INTO definitions (hash, pipeline, json, source_kind, source_path, script_artifact, created_at)
SELECT @Hash, @Pipeline, @Json, @SourceKind, @SourcePath, @ScriptArtifact, @CreatedAt
WHERE NOT EXISTS (SELECT 1 FROM definitions WITH (UPDLOCK, HOLDLOCK) WHERE hash = @Hash);

-- name: insert_run
-- Two callers with one idempotency key: the lock on it lets one in, and the other finds no row changed.
INSERT INTO runs (id, pipeline, definition, status, params, overrides, run_trigger, base_directory, git_commit, created_at,
                  owner, owner_host, owner_pid, owner_process_start, epoch, lease_until, parent, relation, sequence, idempotency_key)
SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16, @p17, @p18, @p19
WHERE @p19 IS NULL OR NOT EXISTS (SELECT 1 FROM runs WITH (UPDLOCK, HOLDLOCK) WHERE idempotency_key = @p19);

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
-- Is a step stored whose commit was not answered? Written and undone, so that it waits for a commit that is still under way.
UPDATE runs SET sequence = sequence
WHERE id = @id AND epoch = @epoch AND sequence = @sequence;

-- name: find_epoch
SELECT epoch FROM runs WHERE id = @id;

-- name: insert_event
INSERT INTO run_events (run_id, seq, type, payload, at) VALUES (@p0, @p1, @p2, @p3, @p4);

-- name: upsert_attempt
-- Fencing: an attempt that has ended, or that its task has replaced, is not written again. Runs before upsert_task in a commit,
-- so that tasks still names the attempt that was current when the commit began.
UPDATE attempts WITH (UPDLOCK, HOLDLOCK)
SET status = @p5, lane = @p6, worker = @p7, queued_at = @p8, started_at = @p9,
    heartbeat_at = COALESCE(@p10, heartbeat_at), ended_at = @p11, failure = @p12
WHERE run_id = @p0 AND id = @p1 AND ended_at IS NULL
  AND EXISTS (SELECT 1 FROM tasks t
              WHERE t.run_id = attempts.run_id AND t.task = attempts.task AND t.map_index = attempts.map_index AND t.attempt_id = attempts.id);
INSERT INTO attempts (run_id, id, task, map_index, number, status, lane, worker, queued_at, started_at, heartbeat_at, ended_at, failure)
SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12
WHERE NOT EXISTS (SELECT 1 FROM attempts WITH (UPDLOCK, HOLDLOCK) WHERE run_id = @p0 AND id = @p1);

-- name: upsert_task
-- Progress of the same attempt is written by heartbeats beside the commits; a commit that says nothing must not wipe it out.
UPDATE tasks WITH (UPDLOCK, HOLDLOCK)
SET status = @p3, attempt_number = @p4, attempt_id = @p5, label = @p6, ready_at = @p7, started_at = @p8, ended_at = @p9,
    reason = @p10, outputs = @p11, failure = @p12, cached_from = @p13,
    progress = CASE WHEN attempt_id = @p5 OR (attempt_id IS NULL AND @p5 IS NULL) THEN COALESCE(@p14, progress) ELSE @p14 END,
    progress_message = CASE WHEN attempt_id = @p5 OR (attempt_id IS NULL AND @p5 IS NULL) THEN COALESCE(@p15, progress_message) ELSE @p15 END
WHERE run_id = @p0 AND task = @p1 AND map_index = @p2;
INSERT INTO tasks (run_id, task, map_index, status, attempt_number, attempt_id, label, ready_at, started_at, ended_at,
                   reason, outputs, failure, cached_from, progress, progress_message)
SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13, @p14, @p15
WHERE NOT EXISTS (SELECT 1 FROM tasks WITH (UPDLOCK, HOLDLOCK) WHERE run_id = @p0 AND task = @p1 AND map_index = @p2);

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
-- One conditional statement: of two claimers one changes the row and the other finds the condition false. The names of OPENJSON have a collation of their own.
UPDATE runs
SET owner = @owner, owner_host = @host, owner_pid = @pid, owner_process_start = @processStart, epoch = epoch + 1, lease_until = @leaseUntil
WHERE id = @id AND ended_at IS NULL
  AND (owner IS NULL OR lease_until <= @now OR owner IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@dead)));

-- name: release_run
UPDATE runs SET owner = NULL, owner_host = NULL, owner_pid = NULL, owner_process_start = NULL, lease_until = NULL
WHERE id = @id AND epoch = @epoch AND owner IS NOT NULL;

-- name: renew_runs
-- An owner whose lease ran out unnoticed keeps its runs as long as nobody has claimed them.
UPDATE runs SET lease_until = @until WHERE owner = @owner AND ended_at IS NULL;

-- name: list_held
SELECT id, epoch FROM runs WHERE owner = @owner AND ended_at IS NULL ORDER BY id;

-- name: find_run
SELECT id, pipeline, definition, status, params, overrides, run_trigger AS [trigger], base_directory, git_commit, created_at, started_at, ended_at, failure,
       owner AS owner_id, owner_host, owner_pid, owner_process_start, epoch, lease_until, parent, relation, sequence, idempotency_key
FROM runs WHERE id = @id;

-- name: find_run_by_key
SELECT id FROM runs WHERE idempotency_key = @key;

-- name: find_runs_by_prefix
-- Identifiers are upper case; '~' comes after every character they have.
SELECT TOP (10) id, pipeline, definition, status, params, overrides, run_trigger AS [trigger], base_directory, git_commit, created_at, started_at, ended_at, failure,
       owner AS owner_id, owner_host, owner_pid, owner_process_start, epoch, lease_until, parent, relation, sequence, idempotency_key
FROM runs WHERE id >= @prefix AND id < @prefix + N'~' ORDER BY id DESC;

-- name: list_runs
-- Pages by key, not by offset: a run that appears while somebody leafs moves nothing.
SELECT TOP (@limit) id, pipeline, definition, status, params, overrides, run_trigger AS [trigger], base_directory, git_commit, created_at, started_at, ended_at, failure,
       owner AS owner_id, owner_host, owner_pid, owner_process_start, epoch, lease_until, parent, relation, sequence, idempotency_key
FROM runs
WHERE (@pipeline IS NULL OR pipeline = @pipeline)
  AND (@projects IS NULL OR COALESCE((SELECT p.project FROM pipelines p WHERE p.name = runs.pipeline), @usual) IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@projects)))
  AND (@statuses IS NULL OR status IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@statuses)))
  AND (@unfinished = 0 OR ended_at IS NULL)
  AND (@parent IS NULL OR parent = @parent)
  AND (@children = 1 OR relation IS NULL OR relation <> N'child')
  AND (@from IS NULL OR created_at >= @from)
  AND (@before IS NULL OR created_at < @before)
  AND (@after IS NULL OR id < @after)
ORDER BY id DESC
OPTION (RECOMPILE);

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
SELECT task, status, COUNT(*) AS [count] FROM tasks WHERE run_id = @run AND map_index >= 0 GROUP BY task, status ORDER BY task, status;

-- name: list_items
SELECT task, NULLIF(map_index, -1) AS map_index, status, attempt_number, attempt_id, label, ready_at, started_at, ended_at,
       reason, outputs, failure, cached_from, progress, progress_message
FROM tasks
WHERE run_id = @run AND tasks.map_index >= 0 AND (@task IS NULL OR task = @task)
  AND (@statuses IS NULL OR status IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@statuses)))
ORDER BY task, tasks.map_index;

-- name: list_attempts
SELECT id, task, NULLIF(map_index, -1) AS map_index, number, status, lane, worker, queued_at, started_at, heartbeat_at, ended_at, failure
FROM attempts WHERE run_id = @run ORDER BY id;

-- name: list_events
SELECT TOP (CASE WHEN @limit < 0 THEN 9223372036854775807 ELSE @limit END) seq AS sequence, type, payload, at
FROM run_events WHERE run_id = @run AND seq > @after ORDER BY seq;

-- name: list_owners
SELECT owner AS id, MAX(owner_host) AS host, MAX(owner_pid) AS process_id, MAX(owner_process_start) AS process_started_at
FROM runs WHERE ended_at IS NULL AND owner IS NOT NULL GROUP BY owner ORDER BY owner;

-- name: list_claimable
SELECT id FROM runs
WHERE ended_at IS NULL AND (owner IS NULL OR lease_until <= @now OR owner IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@dead)))
ORDER BY id;

-- name: insert_request
-- A run that has ended takes no more requests. The run's row is locked as if it were written: so this waits for a commit that is ending the run and then finds it
-- ended, and a commit that comes second finds the request and closes it.
INSERT INTO run_requests (id, run_id, kind, payload, asked_by, at)
SELECT @Id, r.id, @Kind, @Payload, @By, @At
FROM runs r WITH (UPDLOCK, ROWLOCK)
WHERE r.id = @RunId AND r.ended_at IS NULL;

-- name: list_requests
SELECT q.id, q.run_id, q.kind, q.payload, q.asked_by AS [by], q.at
FROM run_requests q JOIN runs r ON r.id = q.run_id
WHERE q.taken_at IS NULL AND r.owner = @owner AND r.ended_at IS NULL
ORDER BY q.id;

-- name: list_requests_of_run
SELECT id, run_id, kind, payload, asked_by AS [by], at FROM run_requests WHERE run_id = @run AND taken_at IS NULL ORDER BY id;

-- name: list_questions
-- From the few unfinished runs to their tasks: the history is not looked at.
SELECT t.run_id, t.task, t.reason FROM runs r JOIN tasks t ON t.run_id = r.id
WHERE r.ended_at IS NULL AND t.status = N'suspended'
ORDER BY t.run_id, t.task;

-- name: close_request
UPDATE run_requests SET taken_at = @p2 WHERE id = @p1 AND run_id = @p0 AND taken_at IS NULL;

-- name: close_requests_of_run
-- The end of a run answers everything that was still asked.
UPDATE run_requests SET taken_at = @p1 WHERE run_id = @p0 AND taken_at IS NULL;

-- name: tell_end
-- For triggers that wait for the end of this pipeline's runs; child runs are their parents' matter. Only when there are any, and in turn, as in triggers.sql.
DECLARE @answer int = 0;
IF EXISTS (SELECT 1 FROM runs r JOIN trigger_watches w ON w.subject = r.pipeline
           WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> N'child') AND w.kind = N'run-ended')
    EXEC @answer = sp_getapplock @Resource = N'orc signals', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 60000;
IF @answer < 0 THROW 51000, N'another program writes signals for more than a minute', 1;
INSERT INTO signals (kind, subject, payload, at)
SELECT N'run-ended', r.pipeline,
       (SELECT r.id AS run, r.pipeline AS pipeline, r.status AS status, JSON_VALUE(r.run_trigger, '$.logicalDate') AS logicalDate
        FOR JSON PATH, WITHOUT_ARRAY_WRAPPER, INCLUDE_NULL_VALUES),
       @p1
FROM runs r
WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> N'child')
  AND EXISTS (SELECT 1 FROM trigger_watches w WHERE w.kind = N'run-ended' AND w.subject = r.pipeline);

-- name: note_failed
-- For whoever tells people; child runs are their parents' matter.
INSERT INTO outbox (kind, payload, at)
SELECT N'run.failed', (SELECT r.id AS run, r.pipeline AS pipeline FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), @p1
FROM runs r WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> N'child');

-- name: mark_failing
UPDATE failing_pipelines WITH (UPDLOCK, HOLDLOCK) SET failures = failures + 1
WHERE pipeline IN (SELECT r.pipeline FROM runs r WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> N'child'));
INSERT INTO failing_pipelines (pipeline, run_id, failures, since)
SELECT r.pipeline, r.id, 1, @p1
FROM runs r WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> N'child')
  AND NOT EXISTS (SELECT 1 FROM failing_pipelines f WITH (UPDLOCK, HOLDLOCK) WHERE f.pipeline = r.pipeline);

-- name: note_recovered
-- The first success after failures. Two that succeed at the same time may both say so; their notices have one key.
INSERT INTO outbox (kind, payload, at)
SELECT N'run.recovered', (SELECT r.id AS run, r.pipeline AS pipeline, f.run_id AS failed, f.failures AS failures, f.since AS since FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), @p1
FROM runs r JOIN failing_pipelines f ON f.pipeline = r.pipeline
WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> N'child');

-- name: clear_failing
DELETE FROM failing_pipelines
WHERE pipeline IN (SELECT r.pipeline FROM runs r WHERE r.id = @p0 AND (r.relation IS NULL OR r.relation <> N'child'));

-- name: insert_outbox
INSERT INTO outbox (kind, payload, at) VALUES (@p0, @p1, @p2);

-- name: list_outbox
SELECT TOP (@limit) seq AS sequence, kind, payload, at FROM outbox WHERE done_at IS NULL ORDER BY seq;

-- name: close_outbox
UPDATE outbox SET done_at = @p1 WHERE seq = @p0 AND done_at IS NULL;
