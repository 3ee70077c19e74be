-- Datasets, versions, validations. Writes stand in the transaction that ends the attempt.

-- name: add_dataset
INSERT INTO datasets (name, created_at)
VALUES (@name, @now)
ON CONFLICT (name) DO NOTHING

-- name: has_version
SELECT count(*) FROM dataset_versions WHERE dataset = @name AND version = @version

-- name: add_version
-- The same bytes again: what they were read as may have changed with the reading (a delimiter that was corrected), who saw them first has not.
INSERT INTO dataset_versions (dataset, version, reference, source, profile, row_count, columns, run_id, task, attempt_id, created_at, seen_at)
VALUES (@name, @version, @reference, @source, @profile, @rows, @columns, @run_id, @task, @attempt_id, @now, @now)
ON CONFLICT (dataset, version) DO UPDATE
SET reference = excluded.reference, source = excluded.source, profile = excluded.profile,
    row_count = excluded.row_count, columns = excluded.columns, seen_at = excluded.seen_at

-- name: add_validation
INSERT INTO dataset_validations (dataset, version, part, passed, errors, warnings, result, pipeline, run_id, task, attempt_id, validated_at)
VALUES (@name, @version, @part, @passed, @errors, @warnings, @result, @pipeline, @run_id, @task, @attempt_id, @now)

-- name: list_datasets
SELECT d.name, d.created_at, count(v.version) AS versions,
       (SELECT n.version FROM dataset_versions n WHERE n.dataset = d.name ORDER BY n.seen_at DESC, n.version LIMIT 1) AS newest,
       (SELECT n.row_count FROM dataset_versions n WHERE n.dataset = d.name ORDER BY n.seen_at DESC, n.version LIMIT 1) AS rows,
       max(v.seen_at) AS updated_at
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
SELECT dataset, version, reference, source, profile, run_id, task, attempt_id, created_at, seen_at
FROM dataset_versions
WHERE dataset = @name
ORDER BY seen_at DESC, version
LIMIT 1

-- name: versions_like
-- The range of all versions that begin with the given digits; the key answers it. Two are enough to know that it is not one.
SELECT dataset, version, reference, source, profile, run_id, task, attempt_id, created_at, seen_at
FROM dataset_versions
WHERE dataset = @name AND version >= @prefix AND version < @end
LIMIT 2

-- name: list_validations
SELECT id, dataset, version, part, passed, errors, warnings, result, pipeline, run_id, task, attempt_id, validated_at
FROM dataset_validations
WHERE dataset = @name AND (@version::text IS NULL OR version = @version)
ORDER BY validated_at DESC, id DESC
LIMIT @limit

-- name: list_run_holds
-- The runs that saw the newest version of a dataset first. Older versions keep their files, not their runs.
SELECT v.run_id AS run, 'the newest version of dataset ' || v.dataset || ' was made by it' AS why
FROM dataset_versions v
WHERE NOT EXISTS (SELECT 1 FROM dataset_versions n WHERE n.dataset = v.dataset AND (n.seen_at > v.seen_at OR (n.seen_at = v.seen_at AND n.version > v.version)));
