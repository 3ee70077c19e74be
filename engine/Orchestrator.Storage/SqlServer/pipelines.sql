-- The registered pipelines and their versions.
-- Every change begins with next_change, whose row is held until the commit: one change at a time, so what is read after it stays true until the commit in every dialect.

-- name: next_change
UPDATE pipeline_changes WITH (UPDLOCK, HOLDLOCK) SET number = number + 1 WHERE id = 1;
INSERT INTO pipeline_changes (id, number) SELECT 1, 1 WHERE NOT EXISTS (SELECT 1 FROM pipeline_changes WITH (UPDLOCK, HOLDLOCK) WHERE id = 1);

-- name: newest_change
SELECT number FROM pipeline_changes WHERE id = 1;

-- name: insert_version
-- Only of a definition that is stored, and of this pipeline.
INSERT INTO pipeline_versions (pipeline, version, hash, source, source_path, base_directory, registered_at, registered_by)
SELECT d.pipeline, @version, d.hash, @source, @sourcePath, @baseDirectory, @now, @by
FROM definitions d WHERE d.hash = @hash AND d.pipeline = @name;

-- name: put_pipeline
-- A new version leaves a pause as it is: who paused a pipeline did not mean one version of it. It ends a removal.
UPDATE pipelines WITH (UPDLOCK, HOLDLOCK)
SET version = @version, hash = @hash, source = @source, source_path = @sourcePath, base_directory = @baseDirectory,
    registered_at = @now, registered_by = @by, removed_at = NULL, removed_by = NULL, revision = @revision
WHERE name = @name;
INSERT INTO pipelines (name, project, version, hash, source, source_path, base_directory, registered_at, registered_by, revision)
SELECT @name, @project, @version, @hash, @source, @sourcePath, @baseDirectory, @now, @by, @revision
WHERE NOT EXISTS (SELECT 1 FROM pipelines WITH (UPDLOCK, HOLDLOCK) WHERE name = @name);

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
SELECT TOP (@limit) name, project, version, hash, source, source_path, base_directory, registered_at, registered_by, paused_at, paused_by, pause_reason, removed_at, removed_by, revision
FROM pipelines
WHERE removed_at IS NULL
  AND (@projects IS NULL OR project IN (SELECT value COLLATE Latin1_General_100_BIN2 FROM OPENJSON(@projects)))
  AND (@search IS NULL OR CHARINDEX(@search, LOWER(name)) > 0)
  AND (@after IS NULL OR name > @after)
ORDER BY name;

-- name: list_changed
SELECT TOP (@limit) name, project, version, hash, source, source_path, base_directory, registered_at, registered_by, paused_at, paused_by, pause_reason, removed_at, removed_by, revision
FROM pipelines WHERE revision > @after ORDER BY revision;

-- name: list_versions
SELECT TOP (@limit) pipeline, version, hash, source, source_path, base_directory, registered_at, registered_by
FROM pipeline_versions WHERE pipeline = @pipeline AND (@before IS NULL OR version < @before) ORDER BY version DESC;

-- name: find_version
SELECT pipeline, version, hash, source, source_path, base_directory, registered_at, registered_by
FROM pipeline_versions WHERE pipeline = @pipeline AND version = @version;
