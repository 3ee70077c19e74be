-- What attempts log, and how it is read. Every write stands in the transaction that ends the attempt.

-- name: add_experiment
INSERT INTO tracking_experiments (name, created_at)
SELECT @name, @now
WHERE NOT EXISTS (SELECT 1 FROM tracking_experiments WITH (UPDLOCK, HOLDLOCK) WHERE name = @name)

-- name: add_run
-- Whatever an attempt logs makes it a tracking run; what the attempt says about itself may come later (describe_run).
INSERT INTO tracking_runs (id, experiment_id, name, status, started_at, ended_at, parent_id, pipeline, pipeline_run, task, map_index, attempt_number, definition, git_commit)
SELECT @id, e.id, NULL, @status, @started_at, @ended_at,
       (SELECT TOP (1) p.id FROM tracking_runs p WHERE @map_index IS NOT NULL AND p.pipeline_run = @pipeline_run AND p.task = @task AND p.map_index IS NULL
        ORDER BY p.attempt_number DESC),
       @pipeline, @pipeline_run, @task, @map_index, @attempt_number, @definition, @git_commit
FROM tracking_experiments e
WHERE e.name = @experiment AND NOT EXISTS (SELECT 1 FROM tracking_runs r WITH (UPDLOCK, HOLDLOCK) WHERE r.id = @id)

-- name: adopt_items
-- The items of a mapped task end before the task itself does; the last attempt of the task is their parent.
UPDATE tracking_runs
SET parent_id = @id
WHERE pipeline_run = @pipeline_run AND task = @task AND map_index IS NOT NULL

-- name: run_exists
SELECT id AS run_id FROM tracking_runs WHERE id = @id

-- name: describe_run
UPDATE tracking_runs
SET experiment_id = (SELECT e.id FROM tracking_experiments e WHERE e.name = @experiment),
    name = @name, dataset_version = @dataset_version, seed = @seed, environment = @environment
WHERE id = @id

-- name: add_param
INSERT INTO tracking_params (run_id, [key], value)
SELECT @run_id, @key, @value
WHERE NOT EXISTS (SELECT 1 FROM tracking_params WITH (UPDLOCK, HOLDLOCK) WHERE run_id = @run_id AND [key] = @key)

-- name: param_value
SELECT value FROM tracking_params WHERE run_id = @run_id AND [key] = @key

-- name: add_metric
-- p0 run, p1 key, p2 step, p3 time, p4 value, p5 is NaN
INSERT INTO tracking_metrics (run_id, [key], step, logged_at, value, is_nan)
SELECT @p0, @p1, @p2, @p3, @p4, @p5
WHERE NOT EXISTS (SELECT 1 FROM tracking_metrics WITH (UPDLOCK, HOLDLOCK)
                  WHERE run_id = @p0 AND [key] = @p1 AND step = @p2 AND logged_at = @p3 AND value = @p4 AND is_nan = @p5)

-- name: set_latest_metric
-- Later wins by step, then time, then value, whatever the order of arrival; NaN is below every value.
UPDATE tracking_latest_metrics WITH (UPDLOCK, HOLDLOCK)
SET step = @p2, logged_at = @p3, value = @p4, is_nan = @p5
WHERE run_id = @p0 AND [key] = @p1
  AND (@p2 > step
       OR (@p2 = step AND (@p3 > logged_at
           OR (@p3 = logged_at AND (@p5 < is_nan OR (@p5 = is_nan AND @p4 > value))))));
INSERT INTO tracking_latest_metrics (run_id, [key], step, logged_at, value, is_nan)
SELECT @p0, @p1, @p2, @p3, @p4, @p5
WHERE NOT EXISTS (SELECT 1 FROM tracking_latest_metrics WITH (UPDLOCK, HOLDLOCK) WHERE run_id = @p0 AND [key] = @p1)

-- name: set_tag
UPDATE tracking_tags WITH (UPDLOCK, HOLDLOCK) SET value = @value WHERE run_id = @run_id AND [key] = @key;
INSERT INTO tracking_tags (run_id, [key], value)
SELECT @run_id, @key, @value
WHERE NOT EXISTS (SELECT 1 FROM tracking_tags WITH (UPDLOCK, HOLDLOCK) WHERE run_id = @run_id AND [key] = @key)

-- name: set_artifact
UPDATE tracking_artifacts WITH (UPDLOCK, HOLDLOCK) SET artifact = @artifact WHERE run_id = @run_id AND path = @path;
INSERT INTO tracking_artifacts (run_id, path, artifact)
SELECT @run_id, @path, @artifact
WHERE NOT EXISTS (SELECT 1 FROM tracking_artifacts WITH (UPDLOCK, HOLDLOCK) WHERE run_id = @run_id AND path = @path)

-- name: add_problem
INSERT INTO tracking_problems (run_id, code, message)
SELECT @run_id, @code, @message
WHERE NOT EXISTS (SELECT 1 FROM tracking_problems WITH (UPDLOCK, HOLDLOCK)
                  WHERE run_id = @run_id AND code = @code AND message_hash = CAST(HASHBYTES('SHA2_256', CAST(@message AS nvarchar(max))) AS binary(32)))

-- name: list_experiments
SELECT e.id, e.name, e.created_at,
       (SELECT COUNT(*) FROM tracking_runs r WHERE r.experiment_id = e.id) AS run_count,
       (SELECT MAX(r.started_at) FROM tracking_runs r WHERE r.experiment_id = e.id) AS last_run_at
FROM tracking_experiments e
ORDER BY e.name

-- name: find_experiment
SELECT id FROM tracking_experiments WHERE name = @name

-- name: find_run
SELECT r.id, e.name AS experiment, r.name, r.status, r.started_at, r.ended_at, r.parent_id, r.pipeline, r.pipeline_run, r.task, r.map_index,
       r.attempt_number, r.definition, r.git_commit, r.dataset_version, r.seed, r.environment
FROM tracking_runs r
JOIN tracking_experiments e ON e.id = r.experiment_id
WHERE r.id = @id

-- name: params_of
SELECT run_id, [key], value FROM tracking_params WHERE run_id IN @ids ORDER BY run_id, [key]

-- name: latest_metrics_of
SELECT run_id, [key], step, logged_at, value, is_nan FROM tracking_latest_metrics WHERE run_id IN @ids ORDER BY run_id, [key]

-- name: tags_of
SELECT run_id, [key], value FROM tracking_tags WHERE run_id IN @ids ORDER BY run_id, [key]

-- name: artifacts_of
SELECT path, artifact FROM tracking_artifacts WHERE run_id = @id ORDER BY path

-- name: problems_of
SELECT code, message FROM tracking_problems WHERE run_id = @id ORDER BY code, message

-- name: metric_history
SELECT run_id, [key], step, logged_at, value, is_nan
FROM tracking_metrics
WHERE run_id = @id AND [key] = @key
ORDER BY step, logged_at, value
