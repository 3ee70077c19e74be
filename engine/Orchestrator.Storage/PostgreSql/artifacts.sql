-- Which artifacts exist and who uses them.

-- name: insert_artifact
INSERT INTO artifacts (hash, size_in_bytes, media_type, name, created_at) VALUES (@p0, @p1, @p2, @p3, @p4) ON CONFLICT (hash) DO NOTHING;

-- name: insert_use
INSERT INTO artifact_uses (run_id, task, map_index, attempt_id, name, hash, file_name, media_type) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7)
ON CONFLICT (run_id, task, map_index, attempt_id, name) DO UPDATE SET hash = excluded.hash, file_name = excluded.file_name, media_type = excluded.media_type;

-- name: find_artifact
SELECT hash, size_in_bytes, name, media_type FROM artifacts WHERE hash = @hash;

-- name: list_uses
SELECT u.task, NULLIF(u.map_index, -1) AS map_index, u.attempt_id, u.name, u.hash, a.size_in_bytes, u.file_name, u.media_type
FROM artifact_uses u JOIN artifacts a ON a.hash = u.hash
WHERE u.run_id = @run ORDER BY u.task, u.map_index, u.name, u.attempt_id;
