-- Which artifacts exist and who uses them.

-- name: insert_artifact
INSERT INTO artifacts (hash, size_in_bytes, media_type, name, created_at)
SELECT @p0, @p1, @p2, @p3, @p4
WHERE NOT EXISTS (SELECT 1 FROM artifacts WITH (UPDLOCK, HOLDLOCK) WHERE hash = @p0);

-- name: insert_use
UPDATE artifact_uses WITH (UPDLOCK, HOLDLOCK) SET hash = @p5, file_name = @p6, media_type = @p7
WHERE run_id = @p0 AND task = @p1 AND map_index = @p2 AND attempt_id = @p3 AND name = @p4;
INSERT INTO artifact_uses (run_id, task, map_index, attempt_id, name, hash, file_name, media_type)
SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7
WHERE NOT EXISTS (SELECT 1 FROM artifact_uses WITH (UPDLOCK, HOLDLOCK)
                  WHERE run_id = @p0 AND task = @p1 AND map_index = @p2 AND attempt_id = @p3 AND name = @p4);

-- name: find_artifact
SELECT hash, size_in_bytes, name, media_type FROM artifacts WHERE hash = @hash;

-- name: list_uses
SELECT u.task, NULLIF(u.map_index, -1) AS map_index, u.attempt_id, u.name, u.hash, a.size_in_bytes, u.file_name, u.media_type
FROM artifact_uses u JOIN artifacts a ON a.hash = u.hash
WHERE u.run_id = @run ORDER BY u.task, u.map_index, u.name, u.attempt_id;
