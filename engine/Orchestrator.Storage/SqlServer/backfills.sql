-- Backfills: plans over logical dates, and what is done of them.

-- name: insert_backfill
INSERT INTO backfills (id, pipeline, definition, base_directory, params, selection, parallel, status, created_at, created_by)
VALUES (@Id, @Pipeline, @Definition, @BaseDirectory, @Params, @Selection, @Parallel, @Status, @CreatedAt, @CreatedBy);

-- name: insert_item
INSERT INTO backfill_items (backfill, position, logical_date, interval_start, action, why, attempt, run_id) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, 1, NULL);

-- name: list_backfills
-- Pages by key. A pipeline that was never registered is of the usual project.
SELECT TOP (@limit) b.id, b.pipeline, b.definition, b.base_directory, b.params, b.selection, b.parallel, b.status, b.created_at, b.created_by, b.started_at, b.ended_at
FROM backfills b LEFT JOIN pipelines p ON p.name = b.pipeline
WHERE (@pipeline IS NULL OR b.pipeline = @pipeline) AND (@status IS NULL OR b.status = @status)
  AND (@projects IS NULL OR COALESCE(p.project, @usual) IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@projects)))
  AND (@after IS NULL OR b.id < @after)
ORDER BY b.id DESC;

-- name: find_backfills_by_prefix
SELECT TOP (10) id, pipeline, definition, base_directory, params, selection, parallel, status, created_at, created_by, started_at, ended_at
FROM backfills WHERE id >= @prefix AND id < @prefix + N'~' ORDER BY id DESC;

-- name: find_backfill
SELECT id, pipeline, definition, base_directory, params, selection, parallel, status, created_at, created_by, started_at, ended_at FROM backfills WHERE id = @id;

-- name: list_running
SELECT id FROM backfills WHERE status = N'running' ORDER BY id;

-- name: list_items
SELECT TOP (@limit) i.position, i.logical_date, i.interval_start, i.action, i.why, i.attempt, i.run_id, r.status AS run_status, r.ended_at AS run_ended_at
FROM backfill_items i LEFT JOIN runs r ON r.id = i.run_id
WHERE i.backfill = @id AND i.position > @after ORDER BY i.position;

-- name: count_items
SELECT i.action, CASE WHEN i.run_id IS NULL THEN N'open' WHEN r.ended_at IS NULL THEN N'going' ELSE r.status END AS state, COUNT(*) AS number
FROM backfill_items i LEFT JOIN runs r ON r.id = i.run_id
WHERE i.backfill = @id
GROUP BY i.action, CASE WHEN i.run_id IS NULL THEN N'open' WHEN r.ended_at IS NULL THEN N'going' ELSE r.status END;

-- name: list_next
-- The next ones to start.
SELECT TOP (@limit) i.position, i.logical_date, i.interval_start, i.action, i.why, i.attempt, i.run_id, CAST(NULL AS nvarchar(32)) AS run_status, CAST(NULL AS bigint) AS run_ended_at
FROM backfill_items i WHERE i.backfill = @id AND i.action = N'run' AND i.run_id IS NULL ORDER BY i.position;

-- name: list_unfinished
SELECT r.id FROM runs r JOIN backfill_items i ON i.run_id = r.id WHERE r.ended_at IS NULL AND i.backfill = @id ORDER BY i.position;

-- name: set_status
UPDATE backfills SET status = @status, started_at = COALESCE(started_at, CASE WHEN @status = N'running' THEN @now END), ended_at = CASE WHEN @status IN (N'cancelled', N'done') THEN @now END
WHERE id = @id AND status IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@from));

-- name: finish
-- Done when nothing is left to start and nothing goes on.
UPDATE backfills SET status = N'done', ended_at = @now
WHERE id = @id AND status = N'running'
  AND NOT EXISTS (SELECT 1 FROM backfill_items i WHERE i.backfill = @id AND i.action = N'run' AND i.run_id IS NULL)
  AND NOT EXISTS (SELECT 1 FROM runs r JOIN backfill_items i ON i.run_id = r.id WHERE r.ended_at IS NULL AND i.backfill = @id);

-- name: start_item
-- In the transaction that accepts the run: once, while the backfill runs, and no more at once than it says. Who starts one locks the backfill first and until the
-- commit, so that the count below is true. Read, not written: a text's changed rows are added up.
DECLARE @parallel bigint = (SELECT parallel FROM backfills WITH (UPDLOCK, HOLDLOCK) WHERE id = @backfill AND status = N'running');
UPDATE backfill_items SET run_id = @run
WHERE backfill = @backfill AND position = @position AND attempt = @attempt AND action = N'run' AND run_id IS NULL
  AND (SELECT COUNT(*) FROM runs r JOIN backfill_items i ON i.run_id = r.id WHERE r.ended_at IS NULL AND i.backfill = @backfill) < @parallel;

-- name: retry_items
-- Those whose run has ended otherwise than well.
UPDATE backfill_items SET run_id = NULL, attempt = attempt + 1
WHERE backfill = @id AND run_id IN (SELECT id FROM runs WHERE runs.id = backfill_items.run_id AND ended_at IS NOT NULL AND status IN (N'failed', N'cancelled'));

-- name: reopen
UPDATE backfills SET status = N'running', ended_at = NULL WHERE id = @id AND status IN (N'done', N'running');
