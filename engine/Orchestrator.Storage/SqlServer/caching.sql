-- Results of tasks by cache key.

-- name: put_entry
UPDATE cache_entries WITH (UPDLOCK, HOLDLOCK)
SET parts = @p1, outputs = @p2, run_id = @p3, task = @p4, attempt_id = @p5, created_at = @p6, expires_at = @p7
WHERE [key] = @p0;
INSERT INTO cache_entries ([key], parts, outputs, run_id, task, attempt_id, created_at, expires_at)
SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7
WHERE NOT EXISTS (SELECT 1 FROM cache_entries WITH (UPDLOCK, HOLDLOCK) WHERE [key] = @p0);

-- name: find_entry
SELECT [key], parts, outputs, run_id, task, attempt_id, created_at, expires_at
FROM cache_entries WHERE [key] = @key AND (expires_at IS NULL OR expires_at > @now);

-- name: find_entries
SELECT [key], parts, outputs, run_id, task, attempt_id, created_at, expires_at
FROM cache_entries WHERE [key] IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@keys)) AND (expires_at IS NULL OR expires_at > @now);

-- name: forget_entries
DELETE FROM cache_entries
WHERE (@task IS NULL OR task = @task)
  AND (@pipeline IS NULL OR run_id IN (SELECT id FROM runs WHERE pipeline = @pipeline));

-- name: find_latest_entry
-- Whether an entry is a task's or an item's its attempt tells; one without an attempt here is a task's.
SELECT TOP (1) [key], parts, outputs, run_id, task, attempt_id, created_at, expires_at
FROM cache_entries
WHERE task = @task AND created_at < @before AND run_id IN (SELECT id FROM runs WHERE pipeline = @pipeline)
  AND COALESCE((SELECT a.map_index FROM attempts a WHERE a.run_id = cache_entries.run_id AND a.id = cache_entries.attempt_id), -1) = @item
ORDER BY created_at DESC, [key];
