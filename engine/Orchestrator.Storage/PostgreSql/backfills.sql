-- Backfills: plans over logical dates, and what is done of them.

-- name: insert_backfill
INSERT INTO backfills (id, pipeline, definition, base_directory, params, selection, parallel, status, created_at, created_by)
VALUES (@Id, @Pipeline, @Definition, @BaseDirectory, @Params, @Selection, @Parallel, @Status, @CreatedAt, @CreatedBy);

-- name: insert_item
INSERT INTO backfill_items (backfill, position, logical_date, interval_start, action, why, attempt, run_id) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, 1, NULL);

-- name: list_backfills
-- Pages by key. A pipeline that was never registered is of the usual project.
SELECT b.id, b.pipeline, b.definition, b.base_directory, b.params, b.selection, b.parallel, b.status, b.created_at, b.created_by, b.started_at, b.ended_at
FROM backfills b LEFT JOIN pipelines p ON p.name = b.pipeline
WHERE (@pipeline::text IS NULL OR b.pipeline = @pipeline) AND (@status::text IS NULL OR b.status = @status)
  AND (@projects::text IS NULL OR COALESCE(p.project, @usual) IN (SELECT json_array_elements_text(@projects::json)))
  AND (@after::text IS NULL OR b.id < @after)
ORDER BY b.id DESC LIMIT @limit;

-- name: find_backfills_by_prefix
SELECT id, pipeline, definition, base_directory, params, selection, parallel, status, created_at, created_by, started_at, ended_at
FROM backfills WHERE id >= @prefix AND id < @prefix || '~' ORDER BY id DESC LIMIT 10;

-- name: find_backfill
SELECT id, pipeline, definition, base_directory, params, selection, parallel, status, created_at, created_by, started_at, ended_at FROM backfills WHERE id = @id;

-- name: list_running
SELECT id FROM backfills WHERE status = 'running' ORDER BY id;

-- name: list_items
SELECT i.position, i.logical_date, i.interval_start, i.action, i.why, i.attempt, i.run_id, r.status AS run_status, r.ended_at AS run_ended_at
FROM backfill_items i LEFT JOIN runs r ON r.id = i.run_id
WHERE i.backfill = @id AND i.position > @after ORDER BY i.position LIMIT @limit;

-- name: count_items
SELECT i.action, CASE WHEN i.run_id IS NULL THEN 'open' WHEN r.ended_at IS NULL THEN 'going' ELSE r.status END AS state, COUNT(*) AS number
FROM backfill_items i LEFT JOIN runs r ON r.id = i.run_id
WHERE i.backfill = @id
GROUP BY i.action, CASE WHEN i.run_id IS NULL THEN 'open' WHEN r.ended_at IS NULL THEN 'going' ELSE r.status END;

-- name: list_next
-- The next ones to start.
SELECT i.position, i.logical_date, i.interval_start, i.action, i.why, i.attempt, i.run_id, NULL::text AS run_status, NULL::bigint AS run_ended_at
FROM backfill_items i WHERE i.backfill = @id AND i.action = 'run' AND i.run_id IS NULL ORDER BY i.position LIMIT @limit;

-- name: list_unfinished
SELECT r.id FROM runs r JOIN backfill_items i ON i.run_id = r.id WHERE r.ended_at IS NULL AND i.backfill = @id ORDER BY i.position;

-- name: set_status
UPDATE backfills SET status = @status, started_at = COALESCE(started_at, CASE WHEN @status = 'running' THEN @now::bigint END), ended_at = CASE WHEN @status IN ('cancelled', 'done') THEN @now::bigint END
WHERE id = @id AND status IN (SELECT json_array_elements_text(@from::json));

-- name: finish
-- Done when nothing is left to start and nothing goes on.
UPDATE backfills SET status = 'done', ended_at = @now
WHERE id = @id AND status = 'running'
  AND NOT EXISTS (SELECT 1 FROM backfill_items i WHERE i.backfill = @id AND i.action = 'run' AND i.run_id IS NULL)
  AND NOT EXISTS (SELECT 1 FROM runs r JOIN backfill_items i ON i.run_id = r.id WHERE r.ended_at IS NULL AND i.backfill = @id);

-- name: start_item
-- In the transaction that accepts the run: once, while the backfill runs, and no more at once than it says. Who starts one locks the backfill first and until the
-- commit, so that they take turns; the second statement then counts what is committed.
SELECT status FROM backfills WHERE id = @backfill FOR UPDATE;
UPDATE backfill_items SET run_id = @run
WHERE backfill = @backfill AND position = @position AND attempt = @attempt AND action = 'run' AND run_id IS NULL
  AND (SELECT status FROM backfills WHERE id = @backfill) = 'running'
  AND (SELECT COUNT(*) FROM runs r JOIN backfill_items i ON i.run_id = r.id WHERE r.ended_at IS NULL AND i.backfill = @backfill)
      < (SELECT parallel FROM backfills WHERE id = @backfill);

-- name: retry_items
-- Those whose run has ended otherwise than well.
UPDATE backfill_items SET run_id = NULL, attempt = attempt + 1
WHERE backfill = @id AND run_id IN (SELECT id FROM runs WHERE runs.id = backfill_items.run_id AND ended_at IS NOT NULL AND status IN ('failed', 'cancelled'));

-- name: reopen
UPDATE backfills SET status = 'running', ended_at = NULL WHERE id = @id AND status IN ('done', 'running');
