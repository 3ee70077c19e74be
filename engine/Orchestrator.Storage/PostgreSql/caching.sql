-- Results of tasks by cache key.

-- name: put_entry
INSERT INTO cache_entries (key, parts, outputs, run_id, task, attempt_id, created_at, expires_at)
VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7)
ON CONFLICT (key) DO UPDATE
SET parts = excluded.parts, outputs = excluded.outputs, run_id = excluded.run_id, task = excluded.task, attempt_id = excluded.attempt_id,
    created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: find_entry
SELECT key, parts, outputs, run_id, task, attempt_id, created_at, expires_at
FROM cache_entries WHERE key = @key AND (expires_at IS NULL OR expires_at > @now);

-- name: find_entries
SELECT key, parts, outputs, run_id, task, attempt_id, created_at, expires_at
FROM cache_entries WHERE key IN (SELECT json_array_elements_text(@keys::json)) AND (expires_at IS NULL OR expires_at > @now);

-- name: forget_entries
DELETE FROM cache_entries
WHERE (@task::text IS NULL OR task = @task)
  AND (@pipeline::text IS NULL OR run_id IN (SELECT id FROM runs WHERE pipeline = @pipeline));

-- name: find_latest_entry
-- Whether an entry is a task's or an item's its attempt tells; one without an attempt here is a task's.
SELECT key, parts, outputs, run_id, task, attempt_id, created_at, expires_at
FROM cache_entries
WHERE task = @task AND created_at < @before AND run_id IN (SELECT id FROM runs WHERE pipeline = @pipeline)
  AND COALESCE((SELECT a.map_index FROM attempts a WHERE a.run_id = cache_entries.run_id AND a.id = cache_entries.attempt_id), -1) = @item
ORDER BY created_at DESC, key
LIMIT 1;
