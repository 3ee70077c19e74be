-- Definitions by hash and by pipeline.

-- name: find_definition
SELECT hash, pipeline, json, source_kind, source_path, script_artifact, created_at FROM definitions WHERE hash = @hash;

-- name: find_latest_definition
SELECT d.hash, d.pipeline, d.json, d.source_kind, d.source_path, d.script_artifact, d.created_at
FROM runs r JOIN definitions d ON d.hash = r.definition
WHERE r.pipeline = @pipeline ORDER BY r.id DESC LIMIT 1;
