-- Datasets, versions, validations. Writes stand in the transaction that ends the attempt.

-- name: add_dataset
INSERT INTO datasets (name, created_at)
SELECT @name, @now
WHERE NOT EXISTS (SELECT 1 FROM datasets WITH (UPDLOCK, HOLDLOCK) WHERE name = @name)

-- name: has_version
SELECT count(*) FROM dataset_versions WHERE dataset = @name AND version = @version

-- name: add_version
-- The same bytes again: what they were read as may have changed with the reading (a delimiter that was corrected), who saw them first has not.
UPDATE dataset_versions WITH (UPDLOCK, HOLDLOCK)
SET reference = @reference, source = @source, profile = @profile, row_count = @rows, columns = @columns, seen_at = @now
WHERE dataset = @name AND version = @version;
INSERT INTO dataset_versions (dataset, version, reference, source, profile, row_count, columns, run_id, task, attempt_id, created_at, seen_at)
SELECT @name, @version, @reference, @source, @profile, @rows, @columns, @run_id, @task, @attempt_id, @now, @now
WHERE NOT EXISTS (SELECT 1 FROM dataset_versions WITH (UPDLOCK, HOLDLOCK) WHERE dataset = @name AND version = @version)

-- name: add_validation
INSERT INTO dataset_validations (dataset, version, part, passed, errors, warnings, result, pipeline, run_id, task, attempt_id, validated_at)
VALUES (@name, @version, @part, @passed, @errors, @warnings, @result, @pipeline, @run_id, @task, @attempt_id, @now)

-- name: list_datasets
SELECT d.name, d.created_at, COUNT(v.version) AS versions,
       (SELECT TOP (1) n.version FROM dataset_versions n WHERE n.dataset = d.name ORDER BY n.seen_at DESC, n.version) AS newest,
       (SELECT TOP (1) n.row_count FROM dataset_versions n WHERE n.dataset = d.name ORDER BY n.seen_at DESC, n.version) AS [rows],
       MAX(v.seen_at) AS updated_at
FROM datasets d
JOIN dataset_versions v ON v.dataset = d.name
GROUP BY d.name, d.created_at
ORDER BY d.name

-- name: list_versions
SELECT dataset, version, reference, source, profile, run_id, task, attempt_id, created_at, seen_at
FROM dataset_versions
WHERE dataset = @name
ORDER BY seen_at DESC, version

-- name: newest_version
SELECT TOP (1) dataset, version, reference, source, profile, run_id, task, attempt_id, created_at, seen_at
FROM dataset_versions
WHERE dataset = @name
ORDER BY seen_at DESC, version

-- name: versions_like
-- The range of all versions that begin with the given digits; the key answers it. Two are enough to know that it is not one.
SELECT TOP (2) dataset, version, reference, source, profile, run_id, task, attempt_id, created_at, seen_at
FROM dataset_versions
WHERE dataset = @name AND version >= @prefix AND version < @end

-- name: list_validations
SELECT TOP (@limit) id, dataset, version, part, passed, errors, warnings, result, pipeline, run_id, task, attempt_id, validated_at
FROM dataset_validations
WHERE dataset = @name AND (@version IS NULL OR version = @version)
ORDER BY validated_at DESC, id DESC

-- name: list_run_holds
-- The runs that saw the newest version of a dataset first. Older versions keep their files, not their runs.
SELECT v.run_id AS run, N'the newest version of dataset ' + v.dataset + N' was made by it' AS why
FROM dataset_versions v
WHERE NOT EXISTS (SELECT 1 FROM dataset_versions n WHERE n.dataset = v.dataset AND (n.seen_at > v.seen_at OR (n.seen_at = v.seen_at AND n.version > v.version)));
