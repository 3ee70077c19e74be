-- The registered pipelines and their versions.
-- Every change begins with next_change, whose row is held until the commit: one change at a time, so what is read after it stays true until the commit in every dialect.

-- name: next_change
INSERT INTO pipeline_changes (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = pipeline_changes.number + 1;

-- name: newest_change
SELECT number FROM pipeline_changes WHERE id = 1;

-- name: insert_version
-- Only of a definition that is stored, and of this pipeline.
INSERT INTO pipeline_versions (pipeline, version, hash, source, source_path, base_directory, registered_at, registered_by)
SELECT d.pipeline, @version, d.hash, @source, @sourcePath, @baseDirectory, @now, @by
FROM definitions d WHERE d.hash = @hash AND d.pipeline = @name;

-- name: put_pipeline
-- A new version leaves a pause as it is: who paused a pipeline did not mean one version of it. It ends a removal.
INSERT INTO pipelines (name, project, version, hash, source, source_path, base_directory, registered_at, registered_by, revision)
VALUES (@name, @project, @version, @hash, @source, @sourcePath, @baseDirectory, @now, @by, @revision)
ON CONFLICT (name) DO UPDATE
SET version = excluded.version, hash = excluded.hash, source = excluded.source, source_path = excluded.source_path, base_directory = excluded.base_directory,
    registered_at = excluded.registered_at, registered_by = excluded.registered_by, removed_at = NULL, removed_by = NULL, revision = excluded.revision;

-- name: pause_pipeline
UPDATE pipelines SET paused_at = @now, paused_by = @by, pause_reason = @reason, revision = @revision WHERE name = @name;

-- name: resume_pipeline
UPDATE pipelines SET paused_at = NULL, paused_by = NULL, pause_reason = NULL, revision = @revision WHERE name = @name;

-- name: remove_pipeline
UPDATE pipelines SET removed_at = @now, removed_by = @by, revision = @revision WHERE name = @name;

-- name: find_pipeline
SELECT name, project, version, hash, source, source_path, base_directory, registered_at, registered_by, paused_at, paused_by, pause_reason, removed_at, removed_by, revision
FROM pipelines WHERE name = @name;

-- name: list_pipelines
-- Pages by key. Removed ones are left out.
SELECT name, project, version, hash, source, source_path, base_directory, registered_at, registered_by, paused_at, paused_by, pause_reason, removed_at, removed_by, revision
FROM pipelines
WHERE removed_at IS NULL
  AND (@projects::text IS NULL OR project IN (SELECT json_array_elements_text(@projects::json)))
  AND (@search::text IS NULL OR strpos(lower(name), @search) > 0)
  AND (@after::text IS NULL OR name > @after)
ORDER BY name LIMIT @limit;

-- name: list_changed
SELECT name, project, version, hash, source, source_path, base_directory, registered_at, registered_by, paused_at, paused_by, pause_reason, removed_at, removed_by, revision
FROM pipelines WHERE revision > @after ORDER BY revision LIMIT @limit;

-- name: list_versions
SELECT pipeline, version, hash, source, source_path, base_directory, registered_at, registered_by
FROM pipeline_versions WHERE pipeline = @pipeline AND (@before::bigint IS NULL OR version < @before) ORDER BY version DESC LIMIT @limit;

-- name: find_version
SELECT pipeline, version, hash, source, source_path, base_directory, registered_at, registered_by
FROM pipeline_versions WHERE pipeline = @pipeline AND version = @version;
