-- The registry. Version numbers come from models.last_version in one conditional statement, so they have no gaps and no number is given twice.

-- name: add_model
INSERT INTO models (name, description, last_version, created_at, updated_at)
VALUES (@name, NULL, 0, @now, @now)
ON CONFLICT (name) DO NOTHING

-- name: find_model
SELECT name, description, last_version, created_at, updated_at FROM models WHERE name = @name

-- name: list_models
SELECT name, description, last_version, created_at, updated_at FROM models ORDER BY name

-- name: take_version
-- Changes no row when the key has made its version already.
UPDATE models
SET last_version = last_version + 1, updated_at = @now
WHERE name = @name AND NOT EXISTS (SELECT 1 FROM model_versions v WHERE v.model = @name AND v.idempotency_key = @idempotency_key)

-- name: last_version
SELECT last_version FROM models WHERE name = @name

-- name: add_version
INSERT INTO model_versions (model, version, reference, artifact_hash, tracking_run, pipeline_run, task, attempt_id, status, description, tags, created_at, idempotency_key)
VALUES (@model, @version, @reference, @artifact_hash, @tracking_run, @pipeline_run, @task, @attempt_id, @status, @description, @tags, @now, @idempotency_key)

-- name: version_of_key
SELECT reference FROM model_versions WHERE model = @name AND idempotency_key = @idempotency_key

-- name: version_of_artifact
-- The newest, should two keys have registered the same file.
SELECT reference FROM model_versions WHERE model = @name AND artifact_hash = @artifact_hash ORDER BY version DESC LIMIT 1

-- name: version_of_alias
SELECT v.reference
FROM model_aliases a
JOIN model_versions v ON v.model = a.model AND v.version = a.version
WHERE a.model = @name AND a.alias = @alias

-- name: version_of_number
SELECT reference FROM model_versions WHERE model = @name AND version = @version

-- name: newest_version
SELECT reference FROM model_versions WHERE model = @name ORDER BY version DESC LIMIT 1

-- name: list_versions
SELECT model, version, reference, tracking_run, pipeline_run, task, attempt_id, status, description, tags, created_at
FROM model_versions
WHERE model = @name
ORDER BY version DESC

-- name: alias_target
SELECT version FROM model_aliases WHERE model = @model AND alias = @alias

-- name: set_alias
INSERT INTO model_aliases (model, alias, version, changed_at)
VALUES (@model, @alias, @version, @now)
ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at

-- name: remove_alias
DELETE FROM model_aliases WHERE model = @model AND alias = @alias

-- name: add_alias_history
INSERT INTO model_alias_history (model, alias, version, previous_version, changed_at, pipeline_run, task, attempt_id, reason)
VALUES (@model, @alias, @version, @previous_version, @now, @pipeline_run, @task, @attempt_id, @reason)

-- name: list_aliases
SELECT model, alias, version, changed_at FROM model_aliases ORDER BY model, alias

-- name: alias_history
SELECT alias, version, previous_version, changed_at, pipeline_run, task, attempt_id, reason
FROM model_alias_history
WHERE model = @name
ORDER BY id DESC

-- name: list_run_holds
-- The runs that made a version: lineage leads to them.
SELECT pipeline_run AS run, 'model ' || model || ' version ' || version || ' was made by it' AS why FROM model_versions WHERE pipeline_run IS NOT NULL;
